// What a handler receives: the request, who sent it, and its parameters.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/caller.h"
#include "api/field_reader.h"
#include "base/clock.h"
#include "base/json.h"
#include "net/http_server.h"

namespace punkt::api {

using Parameters = std::vector<std::pair<std::string, std::string>>;

class AnswerSlot;

/// Lives as long as the handler's coroutine. Threads: the request's io thread.
struct Context {
    net::HttpRequest request;
    Caller caller = {};
    std::string request_id = {};
    Timestamp now{};
    Parameters path = {};                               // decoded, by the names of the pattern
    Parameters query = {};                              // decoded, in order
    std::optional<json::Document> body = std::nullopt;  // of a JSON or form request: always an object
    /// Of a request with an Idempotency-Key: where its answer goes together with what the handler writes, see commit.h.
    AnswerSlot* answer_slot = nullptr;
    std::optional<json::Document> query_json = std::nullopt;  // the query as an object of strings

    /// The value of `:name` in the pattern; asking for another name is a programming error.
    const std::string& path_value(std::string_view name) const;
    std::optional<std::string> query_value(std::string_view name) const;
    /// The parameters of the request; body wins over query. `wrapper` ("task"): {"task":{…}} is taken apart.
    FieldReader fields(std::string_view wrapper = {}) const;
};

}  // namespace punkt::api
