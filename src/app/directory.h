// What the engine asks about organizations and their queues when it starts a run.
#pragma once

#include <limits>

#include "core/arming.h"
#include "engine/ports.h"
#include "rooms/accounts/organization_book.h"
#include "store/queue_book.h"
#include "store/quotas.h"

namespace punkt::app {

/// Threads: any.
class OrganizationDirectory final : public engine::Directory {
  public:
    struct Options {
        int tiktak_concurrency = 10;
        int qron_concurrency = 0;         // 0: no limit
        store::Quotas* quotas = nullptr;  // the plans; nothing: no limits
    };
    OrganizationDirectory(const accounts::OrganizationBook& organizations, const store::QueueBook& queues,
                          Options options)
        : organizations_(organizations), queues_(queues), options_(options) {}

    WebhookSecrets webhook_secrets(Id organization, Timestamp now) const override {
        return organizations_.webhook_secrets(organization, now);
    }
    engine::LaneSettings lane(Id organization, Lane lane) const override {
        if (lane == tiktak_lane(organization)) return {.concurrency = options_.tiktak_concurrency};
        if (lane == qron_lane(organization))
            return {.concurrency =
                        options_.qron_concurrency > 0 ? options_.qron_concurrency : std::numeric_limits<int>::max()};
        const auto settings = queues_.find(organization, lane);
        if (!settings) return {};
        return {.is_paused = settings->is_paused,
                .concurrency = settings->concurrency,
                .rate = settings->rate,
                .on_failure = settings->on_failure};
    }
    engine::OrganizationSettings organization(Id organization) const override {
        if (options_.quotas == nullptr) return {};
        const Plan plan = options_.quotas->plan(organization);
        return {.weight = static_cast<int>(plan.weight), .concurrency = static_cast<int>(plan.concurrency)};
    }
    bool admit_run(Id organization) const override {
        return options_.quotas == nullptr || options_.quotas->admit_run(organization);
    }

  private:
    const accounts::OrganizationBook& organizations_;
    const store::QueueBook& queues_;
    Options options_;
};

}  // namespace punkt::app
