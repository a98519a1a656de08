// The stream of one listener: what it missed, then what comes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/readers.h"
#include "net/http_server.h"
#include "rooms/events/hub.h"

namespace punkt::events {

struct StreamOptions {
    Id organization = 0;
    Filter filter = {};
    std::optional<Id> after = std::nullopt;  // events behind it come first; nothing: only what comes
    Id complete_since = 0;                   // before it events may be missing
    std::int64_t limit = 0;                  // ends after so many events; 0: does not
};

/// Server-sent events. Threads: one io thread.
class EventStream final : public net::BodyStream {
  public:
    EventStream(std::shared_ptr<Listener> listener, api::Readers& readers, const PublicIds& ids, StreamOptions options)
        : listener_(std::move(listener)), readers_(readers), ids_(ids), options_(std::move(options)) {}

    Async<std::optional<std::string>> next() override;
    void close() override { listener_->close(); }

  private:
    std::string greeting() const;
    Async<std::string> catch_up();
    Async<std::string> wait_for_news();
    void append(std::string& out, std::string_view frame);
    std::string last_word(std::string_view type, std::string_view reason);

    std::shared_ptr<Listener> listener_;
    api::Readers& readers_;
    const PublicIds& ids_;
    StreamOptions options_;
    std::int64_t sent_ = 0;
    bool has_greeted_ = false;
    bool is_over_ = false;
};

}  // namespace punkt::events
