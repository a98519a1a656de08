#include "app/version.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sqlite3.h>

#include <boost/version.hpp>

namespace punkt::app {

std::string_view punkt_version() { return PUNKT_VERSION; }

std::vector<std::pair<std::string, std::string>> library_versions() {
    return {
        {"sqlite", sqlite3_libversion()},
        {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
        {"boost", fmt::format("{}.{}.{}", BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1'000, BOOST_VERSION % 100)},
        {"compiler", __VERSION__}};
}

}  // namespace punkt::app
