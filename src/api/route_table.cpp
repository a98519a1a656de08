#include "api/route_table.h"

#include <algorithm>

#include "api/form.h"
#include "base/check.h"
#include "base/utf8.h"

namespace punkt::api {
namespace {

/// The first segment of `path`, which loses it; nothing when only slashes are left.
std::optional<std::string_view> take_segment(std::string_view& path) {
    const std::size_t start = path.find_first_not_of('/');
    if (start == std::string_view::npos) return std::nullopt;
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view segment = path.substr(start, end - start);
    path.remove_prefix(end);
    return segment;
}

std::optional<std::string> decoded(std::string_view segment) {
    auto text = percent_decoded(segment, false);
    return text && is_utf8(*text) ? text : std::nullopt;
}

}  // namespace

void RouteTable::add(std::string_view method, std::string_view pattern, std::size_t route) {
    Node* node = &root_;
    Leaf leaf{std::string(method), route, {}};
    bool is_tail = false;
    while (const auto segment = take_segment(pattern)) {
        check(!is_tail, "a route goes on after its '*'");
        if (segment->front() == '*' || segment->front() == ':') leaf.names.emplace_back(segment->substr(1));
        if (segment->front() == '*') {
            is_tail = true;
        } else if (segment->front() == ':') {
            if (!node->named) node->named = std::make_unique<Node>();
            node = node->named.get();
        } else {
            auto& literals = node->literals;
            auto found = std::find_if(literals.begin(), literals.end(),
                                      [&](const auto& each) { return each.first == *segment; });
            if (found == literals.end()) {
                literals.emplace_back(*segment, std::make_unique<Node>());
                found = std::prev(literals.end());
            }
            node = found->second.get();
        }
    }
    auto& leaves = is_tail ? node->tails : node->leaves;
    check(std::none_of(leaves.begin(), leaves.end(), [&](const Leaf& each) { return each.method == method; }),
          "two routes for the same method and path");
    leaves.push_back(std::move(leaf));
}

/// Walks the tree depth first, literals before names before tails.
struct RouteTable::Search {
    std::string_view method;
    std::vector<std::string_view> values = {};  // of the names on the way, still encoded
    const Leaf* leaf = nullptr;
    std::vector<std::string_view> methods = {};

    bool ends_at(const std::vector<Leaf>& leaves) {
        for (const std::string_view wanted : {method, std::string_view("*")}) {
            const auto found =
                std::find_if(leaves.begin(), leaves.end(), [&](const Leaf& each) { return each.method == wanted; });
            if (found == leaves.end()) continue;
            leaf = &*found;
            return true;
        }
        for (const Leaf& each : leaves)
            if (std::find(methods.begin(), methods.end(), each.method) == methods.end()) methods.push_back(each.method);
        return false;
    }
    bool visit(const Node& node, std::string_view path) {
        std::string_view rest = path;
        const auto segment = take_segment(rest);
        if (!segment) return ends_at(node.leaves);
        for (const auto& [literal, next] : node.literals)
            if (literal == *segment && visit(*next, rest)) return true;
        if (node.named) {
            values.push_back(*segment);
            if (visit(*node.named, rest)) return true;
            values.pop_back();
        }
        if (node.tails.empty()) return false;
        values.push_back(path.substr(std::min(path.find_first_not_of('/'), path.size())));
        if (ends_at(node.tails)) return true;
        values.pop_back();
        return false;
    }
};

RouteTable::Found RouteTable::find(std::string_view method, std::string_view path) const {
    Search search{method};
    Found found;
    if (!search.visit(root_, path)) {
        std::sort(search.methods.begin(), search.methods.end());
        for (const std::string_view each : search.methods) {
            if (!found.methods.empty()) found.methods += ", ";
            found.methods += each;
        }
        return found;
    }
    found.route = search.leaf->route;
    for (std::size_t at = 0; at < search.values.size(); ++at) {
        auto value = decoded(search.values[at]);
        found.is_malformed = found.is_malformed || !value;
        found.parameters.emplace_back(search.leaf->names[at], std::move(value).value_or(""));
    }
    return found;
}

}  // namespace punkt::api
