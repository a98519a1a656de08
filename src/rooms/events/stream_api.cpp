#include "rooms/events/stream_api.h"

#include "base/json.h"
#include "rooms/events/event_store.h"

namespace punkt::events {
namespace {

constexpr int page_events = 500;
constexpr std::string_view reconnect_after = "retry: 2000\n";  // milliseconds
constexpr std::string_view heartbeat = ": still here\n\n";

}  // namespace

/// Goes out at once, so that a client knows that it listens.
std::string EventStream::greeting() const {
    std::string text = std::string(reconnect_after) + ": listening\n\n";
    if (!options_.after || *options_.after >= options_.complete_since) return text;
    json::Writer data;
    data.begin_object().key("after").string(ids_.uuid(IdKind::event, *options_.after));
    data.key("complete_after").string(ids_.uuid(IdKind::event, options_.complete_since));
    data.key("reason").string("what happened between these two is not kept any more").end_object();
    return text + control_frame("stream.gap", data.text());
}

Async<std::optional<std::string>> EventStream::next() {
    if (!std::exchange(has_greeted_, true)) {
        if (!options_.after) (void)listener_->attach();
        co_return greeting();
    }
    while (!is_over_) {
        std::string text = options_.after ? co_await catch_up() : co_await wait_for_news();
        if (!text.empty()) co_return text;
    }
    co_return std::nullopt;
}

/// A page of what is kept. When that was the last one the listener goes on where it ended.
Async<std::string> EventStream::catch_up() {
    std::string text;
    if (listener_->is_closed()) co_return last_word("stream.closing", "Punkt is stopping");
    auto page = co_await readers_.read<std::vector<Event>>(
        [organization = options_.organization, after = *options_.after](db::Connection& connection) {
            return read_events(connection, organization, after, page_events);
        });
    if (!page) co_return last_word("stream.error", page.error().message);
    for (const Event& event : *page) {
        options_.after = event.id;
        if (!is_over_ && options_.filter.matches(event)) append(text, stream_frame(event, ids_));
    }
    if (page->size() < page_events && listener_->attach(*options_.after)) options_.after.reset();
    co_return text;
}

Async<std::string> EventStream::wait_for_news() {
    News news = co_await wait_for<News>(
        [listener = listener_](UniqueFunction<void(News)> done) { listener->wait(std::move(done)); });
    std::string text;
    switch (news.sign) {
        case News::Sign::events:
            for (const auto& frame : news.frames)
                if (!is_over_) append(text, *frame);
            co_return text;
        case News::Sign::heartbeat:
            co_return std::string(heartbeat);
        case News::Sign::lagging:
            co_return last_word("stream.lagging",
                                "events come faster than they are read; connect again with Last-Event-ID to go on");
        case News::Sign::closing:
            break;
    }
    co_return last_word("stream.closing", "Punkt is stopping");
}

void EventStream::append(std::string& out, std::string_view frame) {
    out.append(frame);
    is_over_ = ++sent_ == options_.limit;
}

std::string EventStream::last_word(std::string_view type, std::string_view reason) {
    is_over_ = true;
    json::Writer data;
    data.begin_object().key("reason").string(reason).end_object();
    return control_frame(type, data.text());
}

}  // namespace punkt::events
