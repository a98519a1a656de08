// One request of the HTTP client on its way, until it is answered. Inside net only.
#pragma once

#include <string>

#include "core/http.h"
#include "core/url.h"
#include "net/address_book.h"
#include "net/connection_pool.h"
#include "net/deadline_wheel.h"

namespace punkt::net {

/// As a Deadline it is the total one. Whatever the attempt waits for ends when it is stopped; its coroutine looks at
/// `stopped` when it goes on.
struct Attempt final : Deadline {
    /// `cancelling`: the worker's; true when deadlines pass because the client stops.
    Attempt(Request given, Microseconds at, const bool& is_cancelling)
        : request(std::move(given)), started(at), cancelling(is_cancelling) {
        answer.ticket = request.ticket;
    }

    void passed() override {
        stopped = cancelling ? Failure::cancelled : Failure::timeout;
        if (connection != nullptr) connection->abort();
        in_line.give_up();
        asking.give_up();
    }
    bool is_stopped() const { return stopped != Failure::none; }
    void fail(Failure why, std::string sentence) {
        answer.failure = why;
        answer.error = std::move(sentence);
    }
    std::int64_t since_start(Microseconds at) const { return (at - started).count(); }

    Request request;  // of the next hop: redirects change it
    Microseconds started;
    const bool& cancelling;
    Url url;
    Answer answer;
    int hops = 0;
    bool fresh = false;  // the hop was tried on a connection that the server had closed
    Failure stopped = Failure::none;
    const char* doing = "waiting for its turn";
    ClientConnection* connection = nullptr;  // in use
    ConnectionPool::Waiting in_line;
    AddressBook::Waiting asking;
};

/// A limit for one phase, shorter than the total deadline.
template <class End>
struct Limit final : Deadline {
    explicit Limit(End given) : end(std::move(given)) {}
    void passed() override {
        over = true;
        end();
    }
    End end;
    bool over = false;
};

}  // namespace punkt::net
