#include "net/redirect.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/http_text.h"

namespace punkt::net {
namespace {

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

void drop_body(Request& request) {
    request.method = Method::get;
    request.body = nullptr;
    std::erase_if(request.headers, [](const auto& header) {
        constexpr std::string_view prefix = "content-";
        return same_word(std::string_view(header.first).substr(0, prefix.size()), prefix);
    });
}

}  // namespace

Redirection redirect(int status, const std::optional<std::string>& location, int hops, Request& request, Url& url) {
    if (!is_redirect(status) || !location || request.redirects_max == 0) return {};
    // 1. Where to?
    auto next = resolve_url(url, *location);
    if (!next) {
        return {false, Failure::protocol,
                fmt::format("{} redirected to a place that {}", status, next.error().message)};
    }
    // 2. May this method go there?
    const bool safe = request.method == Method::get || request.method == Method::head;
    const bool keeps_method = safe || status == 307 || status == 308;
    if (!keeps_method && !request.redirect_any_method) {
        return {false, Failure::redirect,
                fmt::format("{} to {} was not followed: the {} would become a GET", status, next->text(),
                            word(request.method))};
    }
    if (hops >= request.redirects_max) {
        return {false, Failure::protocol,
                fmt::format("more than {} redirects, the last one to {}", request.redirects_max, next->text())};
    }
    // 3. What goes along?
    if (!keeps_method) drop_body(request);
    if (next->origin() != url.origin()) {
        std::erase_if(request.headers, [&](const auto& header) {
            return std::any_of(request.origin_bound.begin(), request.origin_bound.end(),
                               [&](const std::string& name) { return same_word(header.first, name); });
        });
    }
    url = std::move(*next);
    return {true, Failure::none, {}};
}

}  // namespace punkt::net
