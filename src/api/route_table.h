// Which route a method and a path lead to. No regular expressions: a tree of path segments.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace punkt::api {

/// Patterns like "/api/v1/tasks/:id"; a last segment "*rest" takes all that follows, slashes included. A literal
/// segment wins over a named one, and a method over "*", which is any. Empty segments do not count: "/tasks/" and
/// "//tasks" are "/tasks". Threads: find() from any once all is added.
class RouteTable {
  public:
    struct Found {
        std::optional<std::size_t> route = std::nullopt;  // nothing: no such path, or not with that method
        std::vector<std::pair<std::string, std::string>> parameters = {};  // percent-decoded
        std::string methods = {};   // of a path that has no such method: "GET, POST"
        bool is_malformed = false;  // a segment's percent-encoding is wrong, or it is no UTF-8
    };

    /// `route` is what find() answers. Two routes for the same method and path end the process.
    void add(std::string_view method, std::string_view pattern, std::size_t route);
    Found find(std::string_view method, std::string_view path) const;

  private:
    struct Leaf {
        std::string method;
        std::size_t route = 0;
        std::vector<std::string> names;
    };
    struct Node {
        std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
        std::unique_ptr<Node> named;
        std::vector<Leaf> leaves;  // paths that end here
        std::vector<Leaf> tails;   // paths that go on in any way
    };
    struct Search;
    Node root_;
};

}  // namespace punkt::api
