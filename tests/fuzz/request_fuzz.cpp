// The request parser: the same verdict however the bytes are cut, nothing taken beyond the request, limits kept. And
// where Boost.Beast understands the same bytes too, both must see the same request: request smuggling is two readers
// that disagree.
#include <algorithm>
#include <boost/beast/http.hpp>
#include <boost/beast/src.hpp>  // its compiled half: nothing else in the project uses Beast
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "net/request_parser.h"

namespace {

using punkt::check;
using punkt::net::RequestParser;
namespace http = boost::beast::http;

constexpr RequestParser::Limits limits{
    .header_bytes_max = 2048, .headers_max = 20, .target_bytes_max = 512, .body_bytes_max = 4096};

struct Verdict {
    RequestParser parser{limits};
    std::size_t taken = 0;
};

Verdict read(std::string_view bytes, std::size_t step) {
    Verdict verdict;
    std::string waiting;
    for (std::size_t at = 0; at < bytes.size() && !verdict.parser.is_done() && !verdict.parser.has_failed();
         at += step) {
        waiting += bytes.substr(at, step);
        const std::size_t now = verdict.parser.feed(waiting);
        check(now <= waiting.size(), "took more than there was");
        waiting.erase(0, now);
        verdict.taken += now;
    }
    return verdict;
}

void compare_with_beast(std::string_view bytes, Verdict& ours) {
    http::request_parser<http::string_body> beast;
    beast.header_limit(65536);
    beast.body_limit(limits.body_bytes_max);
    beast.eager(true);
    boost::system::error_code failed;
    std::size_t taken = 0;
    while (!beast.is_done() && taken < bytes.size()) {
        const std::size_t now = beast.put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), failed);
        if (failed || now == 0) return;  // Beast is stricter somewhere, or wants more
        taken += now;
    }
    if (!beast.is_done()) return;
    const auto& request = ours.parser.request();
    check(beast.get().method_string() == request.method, "Beast sees another method");
    check(beast.get().body() == request.body, "Beast sees another body");
    check(taken == ours.taken, "Beast sees another end");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (bytes.size() > 16 * 1024) return 0;
    Verdict whole = read(bytes, std::max<std::size_t>(bytes.size(), 1));
    Verdict cut = read(bytes, 1 + bytes.size() % 7);
    check(whole.parser.is_done() == cut.parser.is_done(), "cutting changed the end");
    check(whole.parser.has_failed() == cut.parser.has_failed(), "cutting changed the verdict");
    if (whole.parser.is_done()) {
        check(whole.taken == cut.taken, "cutting changed what was taken");
        check(whole.parser.request().headers == cut.parser.request().headers, "cutting changed the headers");
        check(whole.parser.request().body == cut.parser.request().body, "cutting changed the body");
        check(whole.parser.request().headers.size() <= limits.headers_max, "too many headers");
        check(!whole.parser.request().path.empty(), "a request without a path");
        compare_with_beast(bytes, whole);
    }
    check(whole.parser.request().body.size() <= limits.body_bytes_max, "the body is too large");
    if (whole.parser.has_failed())
        check(whole.parser.status() >= 400 && !whole.parser.reason().empty(), "no reason given");
    return 0;
}
