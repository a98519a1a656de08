// Just enough HTTP/1.1 to cut a byte stream into messages, cheaply: both ends of the bench are ours, and Punkt's
// messages carry a content-length. Not a parser to be used on anything else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace punkt::load {

/// Views into the scanned bytes.
struct Message {
    std::string_view start_line = {};
    std::string_view body = {};
    std::size_t bytes = 0;  // of the whole message

    /// Of an answer: "HTTP/1.1 202 Accepted" → 202; 0 if there is none.
    int status() const;
    /// Of a request: "POST /n/7 HTTP/1.1" → "/n/7".
    std::string_view path() const;
};

enum class Scan { complete, partial, broken };

/// The first message in `bytes`. `broken`: a start line without end for 64 KB, a transfer-encoding, a bad length.
Scan scan_message(std::string_view bytes, Message& message);

/// The number behind the last "/n/" of a path, or -1.
std::int64_t number_in(std::string_view path);
/// Milliseconds in a path that begins with "/sleep/100", else 0.
std::int64_t sleep_in(std::string_view path);

/// The string value of the first member `"name":"…"` in our own compact JSON, without escapes; empty if there is none.
std::string_view text_field(std::string_view json, std::string_view name);

/// A whole request. `token` empty: without authorization; `body` empty: without content. `headers`: further lines, each
/// with its end of line.
std::string request_text(std::string_view method, std::string_view path, std::string_view token, std::string_view body,
                         std::string_view headers = "");
void append_request(std::string& out, std::string_view method, std::string_view path, std::string_view token,
                    std::string_view body, std::string_view headers = "");

}  // namespace punkt::load
