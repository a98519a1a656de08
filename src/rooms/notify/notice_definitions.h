// The settings of an organization as a part of its definitions: where it is told of failures and recoveries.
#pragma once

#include "api/definition_part.h"
#include "rooms/notify/notice_json.h"

namespace punkt::notify {

/// {"notification_webhook_url","notification_email","notify_on_failure","notify_on_recovery"}. There is one of it, so
/// nothing is ever taken away: without a member it has its default. The book outlives it.
class NoticeDefinitions final : public api::DefinitionPart {
  public:
    NoticeDefinitions(NoticeBook& book, Reach reach) : book_(book), reach_(std::move(reach)) {}

    std::string_view member() const override { return "organization"; }
    bool is_list() const override { return false; }
    std::string_view type() const override { return "organization"; }
    void write(json::Writer& writer, Id organization) const override;
    api::DefinitionPlan plan(const api::Context& context, json::Value declared, bool prune) const override;

  private:
    NoticeBook& book_;
    const Reach reach_;
};

}  // namespace punkt::notify
