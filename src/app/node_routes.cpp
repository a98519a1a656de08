// Which routes a node has: every room and facade adds its own.
#include <unistd.h>

#include <csignal>

#include "app/docs_api.h"
#include "app/node_options.h"
#include "app/node_parts.h"
#include "rooms/accounts/webhook_secret_api.h"
#include "rooms/audit/audit_api.h"
#include "rooms/hosts/hosts_api.h"
#include "rooms/notify/notice_definitions.h"
#include "rooms/plans/plans_api.h"
#include "rooms/queues/queue_definitions.h"
#include "rooms/queues/queues_api.h"

namespace punkt::app {

void Node::Impl::add_routes() {
    health = std::make_unique<HealthApi>(*readers, metrics, config.metrics.enabled);
    health->add_routes(*router);
    add_docs_routes(*router);
    accounts_api = std::make_unique<accounts::AccountsApi>(*accounts, *readers, *public_ids);
    accounts_api->add_routes(*router);
    accounts::add_webhook_secret_routes(*router, *accounts, *public_ids);
    notify::add_routes(*router, {.book = notices, .writer = *writer, .reach = notice_reach()});
    // Also without the rest of Qron: it is how the master key hands out keys (contract "First key").
    qron_keys = std::make_unique<qron::KeysApi>(*accounts, *readers, *public_ids);
    qron_keys->add_routes(*router);
    const tasks::Rules rules{.body_bytes_max = static_cast<std::size_t>(config.limits.body_bytes),
                             .batch_items_max = static_cast<int>(config.limits.batch_items),
                             .guard = guard,
                             .queues = &queues};
    task_services = std::make_unique<tasks::Services>(tasks::Services{.ids = *ids,
                                                                      .public_ids = *public_ids,
                                                                      .writer = *writer,
                                                                      .readers = *readers,
                                                                      .engine = *inbox,
                                                                      .rules = rules,
                                                                      .quotas = quotas.get(),
                                                                      .audit = audit_options(config)});
    definitions.push_back(std::make_unique<queues::QueueDefinitions>(queues, *inbox));
    definitions.push_back(std::make_unique<notify::NoticeDefinitions>(notices, notice_reach()));
    definitions.push_back(events->definitions(guard));
    for (const auto& part : definitions) task_services->other_definitions.push_back(part.get());
    tasks::add_routes(*router, *task_services);
    queues::add_routes(*router, {.ids = *ids,
                                 .public_ids = *public_ids,
                                 .writer = *writer,
                                 .readers = *readers,
                                 .engine = *inbox,
                                 .book = queues});
    events->add_routes(*router, *writer, *readers, guard);
    hosts::add_routes(*router, {.engine = *inbox, .writer = *writer});
    plans::add_routes(
        *router,
        {.public_ids = *public_ids, .writer = *writer, .readers = *readers, .quotas = *quotas, .engine = *inbox});
    audit::add_routes(*router, *readers, *public_ids);
    add_facades(rules);
}

Result<void> Node::Impl::add_simulations() {
    auto made = SimulateApi::create(folder->database(),
                                    {.clock = clock, .public_ids = *public_ids, .queues = queues, .quotas = *quotas});
    if (!made) return made.error();
    simulations = std::move(*made);
    simulations->add_routes(*router);
    return {};
}

void Node::Impl::add_facades(const tasks::Rules& rules) {
    if (config.qron.enabled) {
        const qron::JobsOptions options{.backoff_is_fixed = config.qron.backoff == "fixed",
                                        .retention = std::chrono::hours{config.qron.retention_hours},
                                        .audit = audit_options(config)};
        qron_jobs = std::make_unique<qron::JobsApi>(*ids, *public_ids, *writer, *readers, *inbox, rules, options);
        qron_jobs->add_routes(*router);
    }
    if (config.tiktak.enabled) {
        tiktak::Options options{.retries = static_cast<int>(config.tiktak.retries),
                                .api_key = config.tiktak.api_key,
                                .organization = first_start.organization,
                                .audit = audit_options(config)};
        if (config.tiktak.allow_shutdown) options.shutdown = [] { ::kill(::getpid(), SIGTERM); };
        tiktak_schedules = std::make_unique<tiktak::SchedulesApi>(*ids, *writer, *readers, *inbox, *authenticator,
                                                                  rules, std::move(options));
        tiktak_schedules->add_routes(*router);
        if (tiktak_router) tiktak_schedules->add_dedicated_routes(*tiktak_router);
    }
}

}  // namespace punkt::app
