#include "testing/fake_transport.h"

#include <algorithm>
#include <utility>

namespace punkt::testing {

std::string FakeTransport::Sent::header(std::string_view name) const {
    for (const auto& [key, value] : request.headers)
        if (key == name) return value;
    return {};
}

FakeTransport::Rule& FakeTransport::when(std::string part) {
    rules_.emplace_back();
    rules_.back().part_ = std::move(part);
    return rules_.back();
}

void FakeTransport::send(std::vector<Request> requests) {
    for (Request& request : requests) {
        Open open{.answer = {.status = 200}, .due = clock_.elapsed()};
        const auto rule = std::find_if(rules_.rbegin(), rules_.rend(), [&](const Rule& one) {
            return one.left_ != 0 && request.url.find(one.part_) != std::string::npos;
        });
        if (rule != rules_.rend()) {
            if (rule->left_ > 0) --rule->left_;
            open = {.answer = rule->answer_, .due = clock_.elapsed() + rule->delay_, .silent = rule->silent_};
        }
        open.answer.ticket = request.ticket;
        open_.push_back(std::move(open));
        sent_.push_back({std::move(request), clock_.now()});
    }
}

std::vector<std::string> FakeTransport::paths() const {
    std::vector<std::string> paths;
    for (const Sent& sent : sent_) paths.push_back(sent.request.url.substr(sent.request.url.rfind('/') + 1));
    return paths;
}

bool FakeTransport::deliver() {
    std::vector<Answer> due;
    for (Open& open : open_)
        if (!open.silent && open.due <= clock_.elapsed()) due.push_back(open.answer);
    std::erase_if(open_, [&](const Open& open) { return !open.silent && open.due <= clock_.elapsed(); });
    const bool any = !due.empty();
    if (any) sink_.answered(std::move(due));
    return any;
}

std::optional<Milliseconds> FakeTransport::next_answer_in() const {
    std::optional<Milliseconds> next;
    for (const Open& open : open_) {
        if (open.silent) continue;
        const auto in = std::chrono::ceil<Milliseconds>(open.due - clock_.elapsed());
        if (!next || in < *next) next = std::max(in, Milliseconds{0});
    }
    return next;
}

void FakeTransport::close() {
    std::vector<Answer> answers;
    for (const Open& open : std::exchange(open_, {}))
        answers.push_back({.ticket = open.answer.ticket, .failure = Failure::cancelled, .error = "closing"});
    if (!answers.empty()) sink_.answered(std::move(answers));
}

}  // namespace punkt::testing
