// What the engine asks about organizations when it starts a run.
#pragma once

#include "core/arming.h"
#include "engine/ports.h"
#include "rooms/accounts/organization_book.h"

namespace punkt::app {

/// Threads: any.
class OrganizationDirectory final : public engine::Directory {
  public:
    OrganizationDirectory(const accounts::OrganizationBook& organizations, int tiktak_concurrency)
        : organizations_(organizations), tiktak_concurrency_(tiktak_concurrency) {}

    std::string webhook_secret(Id organization) const override { return organizations_.webhook_secret(organization); }
    int concurrency(Id organization, Lane lane) const override {
        return lane == tiktak_lane(organization) ? tiktak_concurrency_ : 1;
    }

  private:
    const accounts::OrganizationBook& organizations_;
    int tiktak_concurrency_;
};

}  // namespace punkt::app
