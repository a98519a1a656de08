// URLs and references: what was read once reads the same again, and nothing that could split a line survives.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "core/limits.h"
#include "core/url.h"

namespace punkt {
namespace {

void check_parts(const Url& url) {
    check(url.target.starts_with('/'), "a target starts with a slash");
    check(url.port != 0 && !url.host.empty(), "a URL has a host and a port");
    check(url.host.find_first_of("@/\\?#[]% ") == url.host.npos, "a host has no delimiters");
    for (const char c : url.text()) {
        const auto byte = static_cast<unsigned char>(c);
        check(byte > 0x20 && byte < 0x7f && c != '\\', "a URL is visible ASCII");
    }
    const auto again = parse_url(url.text());
    // Only the port that was left out may have made it longer than allowed.
    if (!again) {
        check(url.text().size() > limits::url_bytes, "a normalised URL can be read again");
        return;
    }
    check(again->text() == url.text() && again->origin() == url.origin() && again->host == url.host &&
              again->target == url.target && again->https == url.https && again->host_is_ipv6 == url.host_is_ipv6,
          "a normalised URL means the same");
}

}  // namespace
}  // namespace punkt

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace punkt;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto url = parse_url(text)) check_parts(*url);
    static const Url base = *parse_url("https://base.example:8443/a/b/c?d");
    if (const auto resolved = resolve_url(base, text)) check_parts(*resolved);
    return 0;
}
