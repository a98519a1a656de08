// Where the organization is told of failures and recoveries. Source: execution.md §8.3, accounts.md.
#pragma once

#include "api/router.h"
#include "rooms/notify/notice_json.h"
#include "store/writer.h"

namespace punkt::notify {

struct Services {
    NoticeBook& book;
    store::Writer& writer;
    Reach reach = {};
};

/// GET and PUT /api/v1/notifications. What the services name outlives the router.
void add_routes(api::Router& router, const Services& services);

}  // namespace punkt::notify
