// Responses: read whole and in pieces they must mean the same, within their limits. The first byte chooses the method,
// the second one the size of the pieces.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "net/response_reader.h"

namespace punkt::net {
namespace {

constexpr ResponseLimits limits{.header_bytes_max = 2048, .headers_max = 20, .body_bytes_max = 512};

struct Outcome {
    ResponseReader::Progress progress = ResponseReader::Progress::more;
    int status = 0;
    bool truncated = false, ended_early = false;
    std::string head, body;
    bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, std::size_t piece, Method method) {
    using Progress = ResponseReader::Progress;
    ResponseReader reader(limits, method);
    Outcome outcome;
    while (!bytes.empty() && outcome.progress == Progress::more) {
        const std::string_view next = bytes.substr(0, piece);
        bytes.remove_prefix(next.size());
        outcome.progress = reader.feed(next);
    }
    if (outcome.progress == Progress::more) outcome.progress = reader.feed_end();
    check(outcome.progress != Progress::more, "a response ends with its connection at the latest");
    check(reader.failed() == (outcome.progress == Progress::failed), "a failure has a sentence");
    outcome.ended_early = reader.ended_early();
    if (outcome.progress == Progress::failed) return outcome;
    outcome.status = reader.status();
    outcome.truncated = reader.truncated();
    outcome.head = reader.take_head();
    outcome.body = reader.take_body();
    check(outcome.status >= 200 && outcome.status <= 999, "a final status");
    check(outcome.head.size() <= limits.header_bytes_max && outcome.body.size() <= limits.body_bytes_max,
          "within limits");
    check(outcome.head.ends_with("\r\n"), "a head ends with a line");
    check(!reader.truncated() || !reader.reusable(), "a truncated response ends its connection");
    return outcome;
}

}  // namespace
}  // namespace punkt::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace punkt;
    if (size < 2) return 0;
    const Method method = data[0] % 4 == 0 ? Method::head : Method::get;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
    const auto whole = net::read(bytes, bytes.size() + 1, method);
    check(whole == net::read(bytes, 1, method), "byte by byte it is the same");
    check(whole == net::read(bytes, data[1] + std::size_t{1}, method), "in pieces it is the same");
    return 0;
}
