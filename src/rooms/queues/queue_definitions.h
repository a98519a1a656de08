// The queues of an organization as a part of its definitions: their settings, not whether they are paused.
#pragma once

#include "api/definition_part.h"
#include "engine/inbox.h"
#include "store/queue_book.h"

namespace punkt::queues {

/// [{"name","concurrency","rate","priority","on_failure"}] by name. A queue that is taken away gets the settings of one
/// that nobody has set; its tasks stay, and it stays paused if it is. What it is made with outlives it.
class QueueDefinitions final : public api::DefinitionPart {
  public:
    QueueDefinitions(store::QueueBook& book, engine::Inbox& engine) : book_(book), engine_(engine) {}

    std::string_view member() const override { return "queues"; }
    std::string_view type() const override { return "queue"; }
    void write(json::Writer& writer, Id organization) const override;
    api::DefinitionPlan plan(const api::Context& context, json::Value declared, bool prune) const override;

  private:
    store::QueueBook& book_;
    engine::Inbox& engine_;
};

}  // namespace punkt::queues
