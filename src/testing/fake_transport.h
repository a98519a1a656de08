// A transport without sockets: it remembers what was sent and answers as it was told, when the clock reaches the
// moment.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "net/transport.h"
#include "testing/manual_clock.h"

namespace punkt::testing {

/// `FakeTransport::when("/hook").answers(503).after(2s)`. What nothing was said about is answered 200 at once.
class FakeTransport final : public net::Transport {
  public:
    FakeTransport(const ManualClock& clock, net::AnswerSink& sink) : clock_(clock), sink_(sink) {}

    class Rule {
      public:
        Rule& answers(int status) {
            answer_ = {.status = status};
            return *this;
        }
        Rule& fails(Failure failure, std::string error = "it failed") {
            answer_ = {.failure = failure, .error = std::move(error)};
            return *this;
        }
        Rule& never_answers() {
            silent_ = true;
            return *this;
        }
        Rule& after(Milliseconds delay) {
            delay_ = delay;
            return *this;
        }
        Rule& retry_after(std::string value) {
            answer_.retry_after = std::move(value);
            return *this;
        }
        Rule& no_retry() {
            answer_.no_retry = true;
            return *this;
        }
        Rule& body(std::string text) {
            answer_.body = std::move(text);
            return *this;
        }
        /// For so many requests, then it no longer counts. Otherwise for all.
        Rule& times(int count) {
            left_ = count;
            return *this;
        }

      private:
        friend class FakeTransport;
        std::string part_;
        Answer answer_ = {.status = 200};
        Milliseconds delay_{0};
        bool silent_ = false;
        int left_ = -1;
    };

    struct Sent {
        Request request;
        Timestamp at{};
        std::string header(std::string_view name) const;
    };

    /// For URLs that contain `part`; of several rules the last one counts.
    Rule& when(std::string part);
    void send(std::vector<Request> requests) override;

    const std::vector<Sent>& sent() const { return sent_; }
    /// The ends of the URLs, after the last '/', in the order of sending.
    std::vector<std::string> paths() const;
    std::size_t open() const { return open_.size(); }
    /// Answers what is due. False when nothing was.
    bool deliver();
    /// How long until the next answer is due; nothing when none is.
    std::optional<Milliseconds> next_answer_in() const;
    /// The transport closes: whatever is open is answered `cancelled`.
    void close();

  private:
    struct Open {
        Answer answer;
        Microseconds due{};
        bool silent = false;
    };
    const ManualClock& clock_;
    net::AnswerSink& sink_;
    std::deque<Rule> rules_;
    std::vector<Sent> sent_;
    std::vector<Open> open_;
};

}  // namespace punkt::testing
