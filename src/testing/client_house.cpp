#include "testing/client_house.h"

#include <fmt/format.h>

#include "base/check.h"

namespace punkt::testing {

void FakeResolver::Names::say(const std::string& host, std::vector<std::vector<std::string>> lists) {
    const std::lock_guard lock(mutex);
    answers[host] = std::move(lists);
}

void FakeResolver::Names::hang(const std::string& host) { say(host, {}); }

int FakeResolver::Names::lookups(const std::string& host) const {
    const std::lock_guard lock(mutex);
    const auto found = asked.find(host);
    return found == asked.end() ? 0 : found->second;
}

void FakeResolver::resolve(std::string host, Done done) {
    net::Resolved resolved;
    {
        const std::lock_guard lock(names_->mutex);
        const auto turn = static_cast<std::size_t>(names_->asked[host]++);
        const auto found = names_->answers.find(host);
        if (found != names_->answers.end() && found->second.empty()) {
            hanging_.push_back(std::move(done));
            return;
        }
        if (found != names_->answers.end()) {
            for (const auto& text : found->second[std::min(turn, found->second.size() - 1)]) {
                resolved.addresses.push_back(*net::Address::parse(text));
            }
        }
    }
    if (resolved.addresses.empty()) resolved.error = fmt::format("no address found for '{}'", host);
    done(std::move(resolved));
}

void AnswerBox::answered(std::vector<Answer> answers) {
    const std::lock_guard lock(mutex_);
    for (auto& answer : answers) {
        ++count_;
        check(!answers_.contains(answer.ticket), "an attempt is answered once");
        answers_.emplace(answer.ticket, std::move(answer));
    }
    changed_.notify_all();
}

Answer AnswerBox::take(std::uint64_t ticket) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(10), [&] { return answers_.contains(ticket); })) return {};
    return std::move(answers_.extract(ticket).mapped());
}

std::size_t AnswerBox::count() const {
    const std::lock_guard lock(mutex_);
    return count_;
}

net::ClientOptions ClientHouse::open_options() {
    net::ClientOptions options;
    options.guard = *net::AddressGuard::create("1");
    return options;
}

ClientHouse::ClientHouse(net::ClientOptions options) {
    auto created = net::HttpClient::create(std::move(options), box, std::make_unique<FakeResolver>(names));
    check(created.has_value(), "the client starts");
    client = *std::move(created);
}

std::uint64_t ClientHouse::start(Request request) {
    request.ticket = ++next_ticket_;
    std::vector<Request> batch;
    batch.push_back(std::move(request));
    client->send(std::move(batch));
    return next_ticket_;
}

Answer ClientHouse::call(Request request) { return box.take(start(std::move(request))); }

Answer ClientHouse::get(const std::string& url) {
    Request request;
    request.method = Method::get;
    request.url = url;
    return call(std::move(request));
}

}  // namespace punkt::testing
