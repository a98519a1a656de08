// What a node consists of. Inside app only: node.cpp makes the parts and joins them, node_routes.cpp gives them their
// routes, node_chores.cpp what is done now and then.
#pragma once

#include <memory>
#include <vector>

#include "api/readers.h"
#include "api/router.h"
#include "app/chore_loop.h"
#include "app/directory.h"
#include "app/follow_ups.h"
#include "app/health_api.h"
#include "app/node.h"
#include "app/request_metrics.h"
#include "app/simulate_api.h"
#include "app/tracing.h"
#include "engine/engine.h"
#include "engine/runner.h"
#include "facades/qron_jobs.h"
#include "facades/qron_keys.h"
#include "facades/tiktak.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/outgoing.h"
#include "rooms/accounts/accounts.h"
#include "rooms/accounts/accounts_api.h"
#include "rooms/accounts/authenticator.h"
#include "rooms/events/room.h"
#include "rooms/hosts/host_store.h"
#include "rooms/notify/notify_api.h"
#include "rooms/plans/notices.h"
#include "rooms/tasks/bulk/bulk_runner.h"
#include "rooms/tasks/expiry_watch.h"
#include "rooms/tasks/tasks_api.h"
#include "store/data_folder.h"
#include "store/retention.h"
#include "store/sql_engine_store.h"
#include "store/start_log.h"

namespace punkt::app {

/// Members in the order they depend on each other; the destructor takes them down in reverse. Each step of create()
/// fills the next few.
struct Node::Impl {
    explicit Impl(const Config& wanted)
        : config(wanted), writer_metrics(metrics), engine_metrics(metrics), request_metrics(metrics) {}

    Result<void> open_store();
    Result<void> make_journal(db::Connection& connection);
    Result<void> open_listeners();
    net::HttpHandler traced(net::HttpHandler handler);
    Result<void> make_guard();
    Result<void> make_engine();
    notify::Reach notice_reach() const { return {.guard = guard, .has_mail = mail != nullptr}; }
    void add_routes();
    Result<void> add_simulations();
    void add_facades(const tasks::Rules& rules);
    Result<void> add_chores();

    Config config;
    SystemClock clock;
    SystemRandom random;
    Metrics metrics;
    store::WriterMetrics writer_metrics;
    engine::EngineMetrics engine_metrics;
    RequestMetrics request_metrics;

    std::unique_ptr<store::DataFolder> folder;
    std::unique_ptr<PublicIds> public_ids;
    std::unique_ptr<IdMaker> ids;
    accounts::FirstStart first_start;
    std::unique_ptr<events::Room> events;
    std::unique_ptr<OtlpExporter> otlp;  // these three only with a collector
    std::unique_ptr<Tracing> tracing;
    std::unique_ptr<TracedJournal> traced_journal;
    std::unique_ptr<store::Quotas> quotas;
    std::unique_ptr<store::Writer> writer;
    std::unique_ptr<store::StartLog> starts;
    std::unique_ptr<store::SqlEngineStore> engine_store;
    std::unique_ptr<api::Readers> readers;
    std::unique_ptr<SimulateApi> simulations;

    std::unique_ptr<accounts::Accounts> accounts;
    notify::NoticeBook notices;
    std::unique_ptr<RoomsFollowUps> follow_ups;
    store::QueueBook queues;
    std::unique_ptr<hosts::StoredBlocks> blocks;
    std::vector<engine::HostBlock> blocks_before;  // this start
    std::unique_ptr<OrganizationDirectory> directory;
    std::unique_ptr<engine::Inbox> inbox;
    net::AddressGuard guard;
    std::unique_ptr<net::HttpClient> client;
    std::unique_ptr<net::MailClient> mail;  // only with a mail server
    std::unique_ptr<net::Outgoing> outgoing;
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<engine::Runner> runner;

    std::unique_ptr<accounts::KeyAuthenticator> authenticator;
    std::unique_ptr<accounts::AccountsApi> accounts_api;
    std::unique_ptr<HealthApi> health;
    std::unique_ptr<qron::KeysApi> qron_keys;
    std::unique_ptr<qron::JobsApi> qron_jobs;
    std::unique_ptr<tiktak::SchedulesApi> tiktak_schedules;
    std::unique_ptr<api::Idempotency> idempotency;
    std::unique_ptr<api::Router> router;
    std::unique_ptr<net::HttpServer> server;
    std::unique_ptr<api::Router> tiktak_router;  // TIKTAK_PORT: a listener of its own
    std::unique_ptr<net::HttpServer> tiktak_server;
    std::unique_ptr<store::Retention> retention;
    std::unique_ptr<tasks::ExpiryWatch> expiry_watch;
    std::unique_ptr<db::Connection> quota_reader;
    std::unique_ptr<plans::Notices> plan_notices;
    ChoreLoop chores{clock};
    std::vector<std::unique_ptr<api::DefinitionPart>> definitions;
    std::unique_ptr<tasks::Services> task_services;
    std::unique_ptr<tasks::BulkRunner> bulk_runner;
    ChoreLoop bulk_chores{clock};  // its steps wait for the engine; other duties shall not
    bool stopped = false;
};

}  // namespace punkt::app
