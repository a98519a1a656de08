// The success envelopes of the native API. Source: runlater-api.md §1.2.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "net/http_server.h"

namespace punkt::api {

/// {"data":<what `write` appends>} or, with a message, {"data":…,"message":"…"}.
template <class Write>
net::HttpReply data(int status, Write write, std::string_view message = {}) {
    json::Writer writer;
    writer.begin_object().key("data");
    write(writer);
    if (!message.empty()) writer.key("message").string(message);
    writer.end_object();
    return {.status = status, .body = writer.take()};
}

inline net::HttpReply no_content() { return {.status = 204, .content_type = ""}; }

}  // namespace punkt::api
