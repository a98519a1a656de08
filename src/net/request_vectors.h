// For tests: requests as bytes, and what the server must make of them. The parser's test and the server's test (through
// sockets) share the table. Sources: RFC 9112, RFC 9110, reliability catalogue F1 and F3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace punkt::net {

struct RequestVector {
    std::string name;
    std::string bytes;
    int status = 200;       // 200: understood; otherwise the refusal
    std::string body = {};  // of an understood request
};

inline const std::string host_line = "Host: a.example\r\n";

/// A request with that line among its headers.
inline std::string get_with(std::string_view header_lines) {
    return "GET / HTTP/1.1\r\n" + host_line + std::string(header_lines) + "\r\n";
}
inline std::string post_with(std::string_view header_lines, std::string_view body) {
    return "POST / HTTP/1.1\r\n" + host_line + std::string(header_lines) + "\r\n" + std::string(body);
}
inline std::string chunked(std::string_view body) { return post_with("Transfer-Encoding: chunked\r\n", body); }

using Verdicts = std::vector<std::pair<std::string, int>>;

inline Verdicts understood_request_lines() {
    return {
        {"GET / HTTP/1.1", 200},
        {"GET / HTTP/1.0", 200},
        {"GET /a%20b?c=d&e=%00 HTTP/1.1", 200},
        {"GET /?? HTTP/1.1", 200},
        {"GET // HTTP/1.1", 200},
        {"GET /../../etc/passwd HTTP/1.1", 200},
        {"M-SEARCH / HTTP/1.1", 200},
        {"get / HTTP/1.1", 200},
        {"OPTIONS * HTTP/1.1", 200},
        {"GET http://a.example/x?y HTTP/1.1", 200},
        {"GET HTTP://b.example:8080 HTTP/1.1", 200},
        {"GET https://[::1]:8080/ HTTP/1.1", 200},
        {"GET / HTTP/1.9", 200},
    };
}

inline Verdicts refused_request_lines() {
    return {
        {"GET / HTTP/2.0", 505},
        {"GET / HTTP/0.9", 505},
        {"GET / HTTP/3.0", 505},
        {"PRI * HTTP/2.0", 505},
        {"GET *", 400},
        {"GET * HTTP/1.1", 400},
        {"GET /", 400},
        {"GET", 400},
        {" GET / HTTP/1.1", 400},
        {"GET  / HTTP/1.1", 400},
        {"GET /  HTTP/1.1", 400},
        {"GET / HTTP/1.1 ", 400},
        {"GET /a b HTTP/1.1", 400},
        {"GET\t/\tHTTP/1.1", 400},
        {"GET / http/1.1", 400},
        {"GET / HTTP/1", 400},
        {"GET / HTTP/11", 400},
        {"GET / HTTP/1.10", 400},
        {"GET / HTTP/01.1", 400},
        {"GET / HTTP/-1.1", 400},
        {"GET / HTTP/1,1", 400},
        {"GET / HTTP/a.b", 400},
        {"GET / HTTPS/1.1", 400},
        {"GET / XTTP/1.1", 400},
        {"GET / ", 400},
        {"GET  HTTP/1.1", 400},
        {"G(T / HTTP/1.1", 400},
        {"G\xC3\xA9T / HTTP/1.1", 400},
        {"GET x HTTP/1.1", 400},
        {"GET a.example:80 HTTP/1.1", 400},
        {"CONNECT a.example:80 HTTP/1.1", 400},
        {"GET ftp://a.example/ HTTP/1.1", 400},
        {"GET http:///x HTTP/1.1", 400},
        {"GET http://user@a.example/ HTTP/1.1", 400},
        {"GET http://a.example#/ HTTP/1.1", 400},
        {"GET file:///etc/passwd HTTP/1.1", 400},
        {"GET javascript:alert(1) HTTP/1.1", 400},
        {"GET /#fragment HTTP/1.1", 400},
        {"GET /\xC3\xA9 HTTP/1.1", 400},
        {"GET \\ HTTP/1.1", 400},
        {"\x16\x03\x01\x02", 400},
        {"{\"a\":1}", 400},
        {std::string(33, 'M') + " / HTTP/1.1", 400},
        {"GET /" + std::string(16 * 1024, 'a') + " HTTP/1.1", 414},
        {"GET /?" + std::string(60'000, 'a') + " HTTP/1.1", 414},
        {"GET /" + std::string(16 * 1024 - 1, 'a') + " HTTP/1.1", 200},
    };
}

inline void add_request_lines(std::vector<RequestVector>& out) {
    const std::string rest = "\r\n" + host_line + "\r\n";
    for (const Verdicts& lines : {understood_request_lines(), refused_request_lines()})
        for (const auto& [line, status] : lines)
            out.push_back({"request line: " + line.substr(0, 40), line + rest, status});
    out.push_back({"empty lines before", "\r\n\r\nGET / HTTP/1.1" + rest, 200});
    out.push_back({"line feeds before", "\n\nGET / HTTP/1.1" + rest, 400});
    out.push_back({"bare line feed after the request line", "GET / HTTP/1.1\n" + host_line + "\r\n", 400});
    out.push_back({"bare carriage return in the request line", "GET / HTTP/1.1\r" + host_line + "\r\n", 400});
    out.push_back({"two carriage returns", "GET / HTTP/1.1\r\r\n" + host_line + "\r\n", 400});
    out.push_back({"nothing but line feeds", "\n\n\n\n", 400});
}

inline void add_control_bytes(std::vector<RequestVector>& out) {
    for (int code = 0; code < 256; ++code) {
        const bool is_control = code < 0x20 || code == 0x7F;
        if (!is_control && code < 0x80) continue;
        const std::string byte(1, static_cast<char>(code));
        const std::string name = "byte " + std::to_string(code);
        if (is_control || code % 16 == 0) {
            out.push_back({name + " in the target", "GET /a" + byte + "b HTTP/1.1\r\n" + host_line + "\r\n", 400});
            out.push_back({name + " in a header's name", get_with("a" + byte + "b: c\r\n"), 400});
        }
        if (is_control && code != '\t')
            out.push_back({name + " in a header's value", get_with("a: b" + byte + "c\r\n"), 400});
        if (!is_control && code % 16 == 0)
            out.push_back({name + " in a header's value", get_with("a: b" + byte + "c\r\n")});
    }
}

inline void add_headers(std::vector<RequestVector>& out) {
    const std::vector<std::pair<std::string, int>> lines = {
        {"a: b\r\n", 200},
        {"a:b\r\n", 200},
        {"a:\r\n", 200},
        {"a: \t b \t \r\n", 200},
        {"a: b\tc\r\n", 200},
        {"a: b\r\na: c\r\n", 200},
        {"!#$%&'*+-.^_`|~09azAZ: all token bytes\r\n", 200},
        {"a : b\r\n", 400},
        {"a\t: b\r\n", 400},
        {" a: b\r\n", 400},
        {"\ta: b\r\n", 400},
        {"a: b\r\n c\r\n", 400},
        {"a: b\r\n\tc\r\n", 400},
        {"a: b\r\n \r\n", 400},
        {": b\r\n", 400},
        {"a b: c\r\n", 400},
        {"no colon\r\n", 400},
        {"a: b\n", 400},
        {"a: b\rc: d\r\n", 400},
        {"a: b\r\r\n", 400},
        {"a: b\n\r\n", 400},
        {"(a): b\r\n", 400},
        {"a/b: c\r\n", 400},
        {"\"a\": b\r\n", 400},
        {"a: " + std::string(64 * 1024, 'x') + "\r\n", 431},
        {std::string(64 * 1024, 'x') + ": b\r\n", 431},
        {"a: " + std::string(60'000, 'x') + "\r\n", 200},
        {"Connection: close\r\n", 200},
        {"Connection: keep-alive, x-thing\r\n", 200},
        {"Connection: ,,\r\n", 200},
        {"Connection: Upgrade\r\nUpgrade: h2c\r\n", 200},
        {"Expect: 200-ok\r\n", 417},
        {"Expect: \r\n", 417},
        {"Host: b.example\r\n", 400},
        {"host: a.example\r\n", 400},
        {"HOST:\r\n", 400},
    };
    for (const auto& [line, status] : lines) out.push_back({"header: " + line.substr(0, 40), get_with(line), status});
    std::string many;
    for (int i = 0; i < 99; ++i) many += "h" + std::to_string(i) + ": x\r\n";
    out.push_back({"100 headers", get_with(many), 200});
    out.push_back({"101 headers", get_with(many + "one: more\r\n"), 431});
    for (const auto& [value, status] : std::vector<std::pair<std::string, int>>{{"", 200},
                                                                                {"a.example", 200},
                                                                                {"a.example:8080", 200},
                                                                                {"[::1]:4000", 200},
                                                                                {"127.0.0.1", 200},
                                                                                {"a b", 400},
                                                                                {"a,b", 400},
                                                                                {"a/b", 400},
                                                                                {"a@b", 400},
                                                                                {"a?b", 400},
                                                                                {"a#b", 400},
                                                                                {"a\\b", 400},
                                                                                {"\xC3\xA9", 400},
                                                                                {"<a>", 400}})
        out.push_back({"Host: " + value, "GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n", status});
    out.push_back({"no Host", "GET / HTTP/1.1\r\n\r\n", 400});
    out.push_back({"no Host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 200});
    out.push_back({"absolute target and no Host", "GET http://a.example/ HTTP/1.1\r\n\r\n", 400});
    out.push_back({"folded first header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400});
}

inline void add_lengths(std::vector<RequestVector>& out) {
    const std::vector<std::pair<std::string, int>> values = {
        {"5", 200},     {"05", 200},       {"0000000000000000000000005", 200},
        {" 5 ", 200},   {"+5", 400},       {"-5", 400},
        {"5 5", 400},   {"5,5", 400},      {"5, 5", 400},
        {"5;x", 400},   {"0x5", 400},      {"5.0", 400},
        {"5e0", 400},   {"", 400},         {"five", 400},
        {"\"5\"", 400}, {"5\v", 400},      {"1_000", 400},
        {"-0", 400},    {"\xD9\xA5", 400},
    };
    for (const auto& [value, status] : values)
        out.push_back(
            {"Content-Length: " + value, post_with("Content-Length: " + value + "\r\n", "hello"), status, "hello"});
    for (const std::string large : {"1000001", "1073741824", "4294967301", "9223372036854775808",
                                    "18446744073709551616", "18446744073709551621", "99999999999999999999999999999999"})
        out.push_back({"Content-Length: " + large, post_with("Content-Length: " + large + "\r\n", "hello"), 413});
    out.push_back({"two lengths", post_with("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), 400});
    out.push_back({"two equal lengths", post_with("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400});
    out.push_back({"length with a blank before the colon", post_with("Content-Length : 5\r\n", "hello"), 400});
    out.push_back({"length zero", post_with("Content-Length: 0\r\n", ""), 200});
    out.push_back({"POST without length", post_with("", ""), 200});
    out.push_back(
        {"GET with a body", "GET / HTTP/1.1\r\n" + host_line + "Content-Length: 5\r\n\r\nhello", 200, "hello"});
}

inline void add_codings(std::vector<RequestVector>& out) {
    constexpr std::string_view body = "5\r\nhello\r\n0\r\n\r\n";
    const std::vector<std::pair<std::string, int>> lines = {
        {"Transfer-Encoding: chunked\r\n", 200},
        {"transfer-encoding: CHUNKED\r\n", 200},
        {"Transfer-Encoding:\tchunked \r\n", 200},
        {"Transfer-Encoding: xchunked\r\n", 400},
        {"Transfer-Encoding: chunkedx\r\n", 400},
        {"Transfer-Encoding: chunked, chunked\r\n", 400},
        {"Transfer-Encoding: gzip, chunked\r\n", 400},
        {"Transfer-Encoding: chunked, gzip\r\n", 400},
        {"Transfer-Encoding: gzip\r\n", 400},
        {"Transfer-Encoding: identity\r\n", 400},
        {"Transfer-Encoding: \"chunked\"\r\n", 400},
        {"Transfer-Encoding: chunked;q=1\r\n", 400},
        {"Transfer-Encoding: ,chunked\r\n", 400},
        {"Transfer-Encoding: chunked,\r\n", 400},
        {"Transfer-Encoding: \x0B"
         "chunked\r\n",
         400},
        {"Transfer-Encoding:\r\n", 400},
        {"Transfer-Encoding : chunked\r\n", 400},
        {"Transfer-Encoding\t: chunked\r\n", 400},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
        {"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", 400},
        {"Transfer-Encoding:\r\n chunked\r\n", 400},
        {" Transfer-Encoding: chunked\r\n", 400},
        {"X: y\rTransfer-Encoding: chunked\r\n", 400},
        {"X: y\nTransfer-Encoding: chunked\r\n", 400},
        {"Content-Length: 15\r\nTransfer-Encoding: chunked\r\n", 400},
        {"Transfer-Encoding: chunked\r\nContent-Length: 15\r\n", 400},
        {"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", 400},
        {"Content-Length: 4\r\nTransfer-Encoding: xchunked\r\n", 400},
        {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", 400},
    };
    for (const auto& [line, status] : lines)
        out.push_back({"coding: " + line.substr(0, 60), post_with(line, body), status, "hello"});
    out.push_back(
        {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body), 400});
}

inline void add_chunks(std::vector<RequestVector>& out) {
    const std::vector<std::pair<std::string, int>> bodies = {
        {"5\r\nhello\r\n0\r\n\r\n", 200},
        {"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", 200},
        {"00000005\r\nhello\r\n000\r\n\r\n", 200},
        {"5;name=value\r\nhello\r\n0;last\r\n\r\n", 200},
        {"5 ;name=\"quoted\"\r\nhello\r\n0\r\n\r\n", 200},
        {"5\r\nhello\r\n0\r\nTrailer: x\r\nAnother: y\r\n\r\n", 200},
        {"5\r\nhello\r\n0\r\nContent-Length: 100\r\nHost: b\r\n\r\n", 200},
        {"+5\r\nhello\r\n0\r\n\r\n", 400},
        {"-5\r\nhello\r\n0\r\n\r\n", 400},
        {"0x5\r\nhello\r\n0\r\n\r\n", 400},
        {" 5\r\nhello\r\n0\r\n\r\n", 400},
        {"5 \r\nhello\r\n0\r\n\r\n", 400},
        {"5\t\r\nhello\r\n0\r\n\r\n", 400},
        {"5 5\r\nhello\r\n0\r\n\r\n", 400},
        {"5,\r\nhello\r\n0\r\n\r\n", 400},
        {"\r\nhello\r\n0\r\n\r\n", 400},
        {"g\r\nhello\r\n0\r\n\r\n", 400},
        {"5g\r\nhello\r\n0\r\n\r\n", 400},
        {"000000005\r\nhello\r\n0\r\n\r\n", 400},
        {"FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n", 400},
        {"100000000\r\nhello\r\n0\r\n\r\n", 400},
        {"FFFFFFFF\r\nhello\r\n0\r\n\r\n", 413},
        {"F4241\r\nhello\r\n0\r\n\r\n", 413},
        {"5\nhello\r\n0\r\n\r\n", 400},
        {"5\rhello\r\n0\r\n\r\n", 400},
        {"5\r\nhello\n0\r\n\r\n", 400},
        {"5\r\nhello\r0\r\n\r\n", 400},
        {"5\r\nhelloX\r\n0\r\n\r\n", 400},
        {"5\r\nhello0\r\n\r\n", 400},
        {"5\r\nhelloXY0\r\n\r\n", 400},
        {"5\r\nhello\n\n0\r\n\r\n", 400},
        {"5\r\nhello\r\r0\r\n\r\n", 400},
        {"4\r\nhello\r\n0\r\n\r\n", 400},
        {"6\r\nhello\r\n0\r\n\r\n", 400},
        {"5;\x01\r\nhello\r\n0\r\n\r\n", 400},
        {"5;a\nb\r\nhello\r\n0\r\n\r\n", 400},
        {"5;" + std::string(2000, 'x') + "\r\nhello\r\n0\r\n\r\n", 400},
        {"5\r\nhello\r\n0\r\n\n", 400},
        {"5\r\nhello\r\n0\n\r\n", 400},
        {"5\r\nhello\r\n0\r\nno colon\r\n\r\n", 400},
        {"5\r\nhello\r\n0\r\n folded: x\r\n\r\n", 400},
        {"5\r\nhello\r\n0\r\na : b\r\n\r\n", 400},
        {"5\r\nhello\r\n0\r\na: \x01\r\n\r\n", 400},
        {"5\r\nhello\r\n0\r\na: " + std::string(70'000, 'x') + "\r\n\r\n", 431},
    };
    for (const auto& [body, status] : bodies)
        out.push_back({"chunks: " + body.substr(0, 50), chunked(body), status, "hello"});
    out.push_back({"headers and trailers that are large together",
                   post_with("Transfer-Encoding: chunked\r\na: " + std::string(60'000, 'x') + "\r\n",
                             "5\r\nhello\r\n0\r\nt: " + std::string(60'000, 'x') + "\r\n\r\n"),
                   200, "hello"});
    std::string trailers;
    for (int i = 0; i < 101; ++i) trailers += "t" + std::to_string(i) + ": x\r\n";
    out.push_back({"too many trailers", chunked("5\r\nhello\r\n0\r\n" + trailers + "\r\n"), 431});
}

/// Body limit: 1,000,000 bytes; the other limits are the defaults.
inline std::vector<RequestVector> request_vectors() {
    std::vector<RequestVector> all;
    add_request_lines(all);
    add_control_bytes(all);
    add_headers(all);
    add_lengths(all);
    add_codings(all);
    add_chunks(all);
    return all;
}

}  // namespace punkt::net
