// The description of the API (docs/openapi), as the tests ask it: which operation is this, and does its answer fit?
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/route_table.h"
#include "base/json.h"
#include "tests/wire/expectation.h"
#include "tests/wire/schema.h"

namespace punkt::wire {

struct Operation {
    std::string method;   // "POST"
    std::string pattern;  // "/api/v1/tasks/{id}"
    json::Value value;
    std::vector<json::Value> parameters;  // of the path and its own, references followed

    std::string id() const { return std::string(value["operationId"].string().value_or("")); }
};

class Description {
  public:
    /// The one that the binary carries.
    static const Description& of_this_build();
    explicit Description(std::string_view text);

    json::Value root() const { return document_.root(); }
    const Schemas& schemas() const { return schemas_; }
    const std::vector<Operation>& operations() const { return operations_; }
    /// Of a request's method and path, without the query. Nothing for what no route answers.
    const Operation* find(std::string_view method, std::string_view path) const;
    const Operation* find(std::string_view operation_id) const;

    /// What in an answer of the main port is not as described: its status, type, body; and in a request that succeeded
    /// what it sent and the description does not name. Empty when all fits.
    std::vector<std::string> mismatches(const Message& asked, const Message& answer) const;

  private:
    std::vector<std::string> wrong_answer(const Operation& operation, const Message& answer) const;
    std::vector<std::string> wrong_request(const Operation& operation, const Message& asked) const;

    json::Document document_;
    Schemas schemas_;
    std::vector<Operation> operations_;
    api::RouteTable table_;
};

/// "/api/v1/tasks/{id}" as the router writes it: "/api/v1/tasks/:id".
std::string route_pattern(std::string_view pattern);

}  // namespace punkt::wire
