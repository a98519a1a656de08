#include "base/crypto.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace punkt::crypto {
namespace {

TEST(Crypto, hashes_the_examples_of_fips_180) {
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// RFC 4231 §4.2, §4.3, §4.4, §4.7 (a key longer than a block)
TEST(Crypto, signs_the_examples_of_rfc_4231) {
    EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(hmac_sha256(std::string(20, '\xaa'), std::string(50, '\xdd'))),
              "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Crypto, signs_the_examples_of_the_execution_contract) {
    EXPECT_EQ(hex(hmac_sha256("whsec_test", "")), "43c0f4d23c8e8841358fad4624b1a592799222b29f25bb59baea43cdcb522ed1");
    EXPECT_EQ(hex(hmac_sha256("whsec_test", R"({"hello":"world"})")),
              "07ea4d7892d3dc4bae220d9930afa38c458a997b2f716a0a6159e17798be1d28");
}

TEST(Crypto, signs_the_same_on_every_thread) {
    const std::string expected = hex(hmac_sha256("key", "message"));
    std::vector<std::string> found(4);
    {
        std::vector<std::jthread> threads;
        for (auto& slot : found) {
            threads.emplace_back([&slot] {
                for (int i = 0; i < 100; ++i) slot = hex(hmac_sha256("key", "message"));
            });
        }
    }
    for (const auto& one : found) EXPECT_EQ(one, expected);
}

TEST(Crypto, writes_hex_in_lower_case) { EXPECT_EQ(hex(std::string_view("\x00\x7f\xff", 3)), "007fff"); }

// RFC 4648 §10
TEST(Crypto, encodes_and_decodes_base64) {
    const std::vector<std::pair<std::string, std::string>> table = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xfe", "+//+"},
    };
    for (const auto& [bytes, text] : table) {
        EXPECT_EQ(base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
    }
    EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
    EXPECT_EQ(base64url("foob"), "Zm9vYg");
}

TEST(Crypto, decodes_base64_without_padding) {
    EXPECT_EQ(from_base64("Zg"), "f");
    EXPECT_EQ(from_base64("Zm8"), "fo");
}

TEST(Crypto, refuses_malformed_base64) {
    for (const char* text : {"Z", "Zg=", "Zg===", "=", "====", "Zm9vY", "Zm9v=", "Zm 9v", "Zm9v\n", "Zg==Zg==", "-__-",
                             "Zh==", "Zm9=", "Z\xc3\xa4"}) {
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
    }
    EXPECT_EQ(from_base64(std::string_view("Zm9\0", 4)), std::nullopt);
}

TEST(Crypto, compares_contents_and_lengths) {
    EXPECT_TRUE(equal_in_constant_time("", ""));
    EXPECT_TRUE(equal_in_constant_time("secret", "secret"));
    EXPECT_FALSE(equal_in_constant_time("secret", "secreT"));
    EXPECT_FALSE(equal_in_constant_time("secret", "secret1"));
}

TEST(Crypto, makes_random_bytes_of_any_length) {
    EXPECT_EQ(random_bytes(0), "");
    EXPECT_EQ(random_bytes(32).size(), 32u);
    EXPECT_NE(random_bytes(32), random_bytes(32));
}

}  // namespace
}  // namespace punkt::crypto
