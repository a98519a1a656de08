#include "net/request_head.h"

#include <fmt/format.h>

#include "net/http_text.h"

namespace punkt::net {
namespace {

bool is_of_transport(std::string_view name) {
    constexpr std::string_view names[] = {
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
        "te",   "trailer",        "upgrade",           "expect"};
    return std::any_of(std::begin(names), std::end(names), [&](std::string_view one) { return same_word(name, one); });
}

}  // namespace

Result<std::string> request_head(Method method, const Url& url, const Headers& headers,
                                 std::optional<std::size_t> body_bytes) {
    if (!body_bytes && (method == Method::post || method == Method::put || method == Method::patch)) body_bytes = 0;
    std::size_t size = url.target.size() + url.host.size() + 80;
    for (const auto& [name, value] : headers) size += name.size() + value.size() + 4;

    std::string head;
    head.reserve(size);
    head.append(word(method)).append(" ").append(url.target).append(" HTTP/1.1\r\nhost: ").append(url.host_header());
    head.append("\r\n");
    for (const auto& [name, value] : headers) {
        if (!is_token(name) || !is_field_text(value)) {
            return Error{ErrorKind::invalid, fmt::format("the header '{}' has characters that a header must not have",
                                                         is_token(name) ? name : "?")};
        }
        if (is_of_transport(name)) continue;
        head.append(name).append(": ").append(value).append("\r\n");
    }
    if (body_bytes) head.append("content-length: ").append(fmt::format_int(*body_bytes).c_str()).append("\r\n");
    head.append("\r\n");
    return head;
}

}  // namespace punkt::net
