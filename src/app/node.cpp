#include "app/node.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "api/readers.h"
#include "api/router.h"
#include "app/chore_loop.h"
#include "app/directory.h"
#include "app/docs_api.h"
#include "app/follow_ups.h"
#include "app/health_api.h"
#include "app/node_options.h"
#include "app/request_metrics.h"
#include "app/saved_key.h"
#include "app/simulate_api.h"
#include "app/tracing.h"
#include "base/log.h"
#include "engine/engine.h"
#include "engine/runner.h"
#include "facades/qron_jobs.h"
#include "facades/qron_keys.h"
#include "facades/tiktak.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/outgoing.h"
#include "rooms/accounts/account_store.h"
#include "rooms/accounts/accounts.h"
#include "rooms/accounts/accounts_api.h"
#include "rooms/accounts/authenticator.h"
#include "rooms/accounts/key_audit.h"
#include "rooms/accounts/webhook_secret_api.h"
#include "rooms/audit/audit_api.h"
#include "rooms/events/room.h"
#include "rooms/hosts/host_store.h"
#include "rooms/hosts/hosts_api.h"
#include "rooms/notify/notice_definitions.h"
#include "rooms/notify/notify_api.h"
#include "rooms/plans/notices.h"
#include "rooms/plans/plans_api.h"
#include "rooms/queues/queue_definitions.h"
#include "rooms/queues/queues_api.h"
#include "rooms/tasks/bulk/bulk_runner.h"
#include "rooms/tasks/expiry_watch.h"
#include "rooms/tasks/tasks_api.h"
#include "store/data_folder.h"
#include "store/intake.h"
#include "store/name_index.h"
#include "store/queue_settings.h"
#include "store/retention.h"
#include "store/sql_engine_store.h"
#include "store/start_log.h"
#include "store/sweep.h"

namespace punkt::app {
namespace {

constexpr int exit_storage_failed = 70;
constexpr int reader_threads = 2;
constexpr Milliseconds bulk_look_every{500};
constexpr int rows_per_sweep = 500;
constexpr Milliseconds sweep_every{60'000};
constexpr Milliseconds gather_names_every{10'000};

/// The disk failed: what this process believes about it is worthless. Nothing more is acknowledged.
[[noreturn]] void storage_failed(const Error& error) {
    log::error("the storage failed, stopping at once: {}", error.message);
    std::_Exit(exit_storage_failed);
}

}  // namespace

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

Result<void> Node::Impl::open_store() {
    auto opened = store::DataFolder::open(config.data.directory, clock.now());
    if (!opened) return opened.error();
    folder = std::make_unique<store::DataFolder>(std::move(*opened));
    public_ids = std::make_unique<PublicIds>(folder->public_id_key());

    db::Connection writing = folder->take_writing();
    auto greatest_key = accounts::greatest_id(writing);
    if (!greatest_key) return greatest_key.error();
    auto greatest_event = events::greatest_id(writing);
    if (!greatest_event) return greatest_event.error();
    ids = std::make_unique<IdMaker>(std::max({folder->greatest_id(), *greatest_key, *greatest_event}));
    const auto keep = [this](const std::string& presented) { return keep_first_key(config.data.directory, presented); };
    auto first = accounts::first_start(writing, *ids, clock.now(), config.master_key.empty(), keep,
                                       accounts::key_note("first start", clock.now(), "api_key_created", *public_ids));
    if (!first) return first.error();
    first_start = std::move(*first);

    auto checkpointing = folder->checkpointing();
    if (!checkpointing) return checkpointing.error();
    auto reading = folder->reading();
    if (!reading) return reading.error();
    auto recorder = store::FlightRecorder::open(folder->flight_recorder_path());
    if (!recorder) return recorder.error();
    auto start_log = store::StartLog::open(folder->start_log_path());
    if (!start_log) return start_log.error();
    starts = std::make_unique<store::StartLog>(std::move(*start_log));
    auto made_readers = api::Readers::create(folder->database(), reader_threads);
    if (!made_readers) return made_readers.error();
    quotas = std::make_unique<store::Quotas>(clock, quota_options(config));
    if (auto done = quotas->load(*reading); !done) return done;
    writer = std::make_unique<store::Writer>(std::move(writing), std::move(*checkpointing), clock, writer_metrics,
                                             writer_options(*folder, *quotas, storage_failed));
    if (auto done = make_journal(*reading); !done) return done;
    accounts = std::make_unique<accounts::Accounts>(*writer, clock, *ids);
    if (auto done = accounts->load(*reading); !done) return done;
    if (auto done = notices.load(*reading); !done) return done;
    follow_ups = std::make_unique<RoomsFollowUps>(*public_ids, notices);
    auto settings = store::list_queue_settings(*reading);
    if (!settings) return settings.error();
    for (const QueueSettings& each : *settings) queues.put(each);
    auto stored_blocks = hosts::list_blocks(*reading);
    if (!stored_blocks) return stored_blocks.error();
    blocks_before = std::move(*stored_blocks);
    blocks = std::make_unique<hosts::StoredBlocks>(*writer, clock);
    engine_store = std::make_unique<store::SqlEngineStore>(*writer, std::move(*reading), std::move(*recorder),
                                                           storage_failed, quotas.get());
    readers = std::move(*made_readers);
    return {};
}

/// Who is told what the writer does.
Result<void> Node::Impl::make_journal(db::Connection& connection) {
    events = std::make_unique<events::Room>(*ids, *public_ids, clock, metrics, event_options(config));
    if (auto done = events->load(connection); !done) return done;
    writer->tell(events->journal());
    if (config.otlp.endpoint.empty()) return {};
    auto made = OtlpExporter::create(otlp_options(config), metrics);
    if (!made) return made.error();
    otlp = std::move(*made);
    tracing = std::make_unique<Tracing>(*otlp, *public_ids, clock, static_cast<int>(config.otlp.sample_percent));
    traced_journal = std::make_unique<TracedJournal>(events->journal(), *tracing, clock);
    writer->tell(*traced_journal);
    return {};
}

net::HttpHandler Node::Impl::traced(net::HttpHandler handler) {
    if (tracing == nullptr) return handler;
    return [this, next = std::move(handler)](net::HttpRequest request) {
        return tracing->handle(std::move(request), next);
    };
}

Result<void> Node::Impl::open_listeners() {
    authenticator = std::make_unique<accounts::KeyAuthenticator>(
        accounts->ring(), clock,
        accounts::KeyAuthenticator::Options{.master_key = config.master_key,
                                            .master_organization = first_start.organization});
    idempotency = std::make_unique<api::Idempotency>(*readers, *writer);
    router = std::make_unique<api::Router>(api::Router::Options{
        .authenticator = authenticator.get(),
        .clock = &clock,
        .seen = [this](const api::Seen& seen) { request_metrics.seen(seen); },
        .limits = {.per_minute = config.rate_limit.per_minute, .per_hour = config.rate_limit.per_hour},
        .proxies = *net::AddressRanges::create(config.server.trusted_proxies),  // examined with the configuration
        .quotas = quotas.get(),
        .idempotency = idempotency.get()});
    net::ServerOptions options = server_options(config);
    options.refusal = router->refusal();
    auto made = net::HttpServer::create(
        options, traced([this](net::HttpRequest request) { return router->handle(std::move(request)); }));
    if (!made) return made.error();
    server = std::move(*made);
    if (!config.tiktak.enabled || config.tiktak.port == 0) return {};
    // The original's port without keys: bound to the same address as the main one.
    tiktak_router = std::make_unique<api::Router>(api::Router::Options{.clock = &clock});
    options.port = static_cast<std::uint16_t>(config.tiktak.port);
    options.threads = 1;
    options.refusal = tiktak_router->refusal();
    auto second = net::HttpServer::create(
        options, traced([this](net::HttpRequest request) { return tiktak_router->handle(std::move(request)); }));
    if (!second) return second.error();
    tiktak_server = std::move(*second);
    return {};
}

/// Punkt never calls its own listeners: a task that queues itself would never end (reliability E9).
Result<void> Node::Impl::make_guard() {
    auto made = net::AddressGuard::create(config.allow_private_targets);
    if (!made) return made.error();
    guard = std::move(*made);
    const net::Address every_own_address = *net::Address::parse("0.0.0.0");
    guard.forbid(every_own_address, server->port());
    if (tiktak_server) guard.forbid(every_own_address, tiktak_server->port());
    return {};
}

Result<void> Node::Impl::make_engine() {
    directory = std::make_unique<OrganizationDirectory>(
        accounts->organizations(), queues,
        OrganizationDirectory::Options{.tiktak_concurrency = static_cast<int>(config.tiktak.concurrency_limit),
                                       .qron_concurrency = static_cast<int>(config.qron.concurrency),
                                       .quotas = quotas.get()});
    inbox = std::make_unique<engine::Inbox>([this] { runner->wake(); });
    std::vector<engine::Observer*> observers{&events->observer()};
    if (tracing) observers.push_back(tracing.get());
    auto made_client = net::HttpClient::create(client_options(config, guard), *inbox);
    if (!made_client) return made_client.error();
    client = std::move(*made_client);
    if (!config.mail.server.empty()) mail = std::make_unique<net::MailClient>(mail_options(config), *inbox);
    outgoing = std::make_unique<net::Outgoing>(*client, mail.get(), *inbox);
    engine = std::make_unique<engine::Engine>(engine::Ports{.clock = clock,
                                                            .random = random,
                                                            .store = *engine_store,
                                                            .transport = *outgoing,
                                                            .directory = *directory,
                                                            .follow_ups = follow_ups.get(),
                                                            .observers = std::move(observers),
                                                            .host_log = blocks.get(),
                                                            .starts = starts.get()},
                                              *inbox, *ids, *public_ids, engine_metrics, engine_options(config));
    engine->restore_hosts(blocks_before);
    runner = std::make_unique<engine::Runner>(*engine);
    return {};
}

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

Result<void> Node::Impl::add_chores() {
    chores.add({.name = "last use of keys", .every = std::chrono::minutes(1), .work = [this] {
                    accounts->write_uses(false);
                    return false;
                }});
    const auto add_sweep = [this](const char* name, Milliseconds every, store::Sweep::Step step) {
        const auto sweep = std::make_shared<store::Sweep>(*writer, name, rows_per_sweep, std::move(step));
        chores.add({.name = name, .every = every, .work = [this, sweep] { return sweep->run(clock.now()); }});
    };
    add_sweep("answers of idempotency keys", sweep_every, api::Idempotency::forget_expired);
    add_sweep("keys of dedupe, debounce and throttle", sweep_every, store::forget_once_keys);
    // They are few: one statement finds all that are over.
    add_sweep("previous webhook secrets", sweep_every, [](db::Connection& connection, Timestamp now, int) {
        auto forgotten = store::forget_previous_secrets(connection, now);
        return forgotten ? Result<std::int64_t>(0) : forgotten;
    });
    const auto names = std::make_shared<store::NameGatherer>();
    add_sweep("names of tasks", gather_names_every,
              [names](db::Connection& connection, Timestamp now, int rows) -> Result<std::int64_t> {
                  auto more = names->step(connection, now);
                  if (!more) return more.error();
                  return *more ? rows : 0;
              });
    const std::chrono::hours keep = std::chrono::days{config.retention.audit_days};
    add_sweep("audit entries", sweep_every, [keep](db::Connection& connection, Timestamp now, int rows) {
        return store::forget_audit(connection, now - keep, rows);
    });
    chores.add({.name = "heartbeat", .every = std::chrono::seconds(1), .work = [this] { return events->beat(); }});
    chores.add({.name = "events", .every = std::chrono::minutes(1), .work = [this] { return events->keep(); }});
    auto counting = folder->reading();
    if (!counting) return counting.error();
    quota_reader = std::make_unique<db::Connection>(std::move(*counting));
    plan_notices = std::make_unique<plans::Notices>(
        *quotas, *writer, *ids, [this](Id organization) { return notices.of(organization).urls(); });
    chores.add({.name = "quotas", .every = std::chrono::seconds(5), .work = [this] {
                    if (auto done = quotas->recount_where_due(*quota_reader); !done)
                        log::warn("what waits cannot be counted: {}", done.error().message);
                    plan_notices->step(clock.now());
                    return false;
                }});
    auto reading = folder->reading();
    if (!reading) return reading.error();
    retention =
        std::make_unique<store::Retention>(*writer, std::move(*reading), clock, retention_options(config, *quotas));
    auto bulk_reading = folder->reading();
    if (!bulk_reading) return bulk_reading.error();
    bulk_runner = std::make_unique<tasks::BulkRunner>(*task_services, std::move(*bulk_reading), clock);
    auto expiry_reading = folder->reading();
    if (!expiry_reading) return expiry_reading.error();
    expiry_watch = std::make_unique<tasks::ExpiryWatch>(*writer, std::move(*expiry_reading), *inbox, clock);
    chores.add(
        {.name = "expired runs", .every = tasks::ExpiryWatch::every, .work = [this] { return expiry_watch->step(); }});
    bulk_chores.add({.name = "bulk jobs", .every = bulk_look_every, .work = [this] { return bulk_runner->step(); }});
    chores.add({.name = "retention", .every = std::chrono::minutes(1), .work = [this] { return retention->step(); }});
    return {};
}

Result<std::unique_ptr<Node>> Node::create(const Config& config) {
    auto impl = std::make_unique<Impl>(config);
    if (auto done = impl->open_store(); !done) return done.error();
    if (auto done = impl->open_listeners(); !done) return done.error();
    if (auto done = impl->make_guard(); !done) return done.error();
    if (auto done = impl->make_engine(); !done) return done.error();
    impl->add_routes();
    if (auto done = impl->add_simulations(); !done) return done.error();
    if (auto done = impl->add_chores(); !done) return done.error();
    return std::unique_ptr<Node>(new Node(std::move(impl)));
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Node::~Node() {
    if (!impl_->stopped) stop(Milliseconds{0});
}

void Node::start() {
    impl_->engine_store->start(*impl_->inbox);
    impl_->runner->start();
    impl_->chores.start();
    impl_->bulk_chores.start();
    impl_->server->start();
    if (impl_->tiktak_server) impl_->tiktak_server->start();
    impl_->health->set_ready(true);
}

bool Node::stop(Milliseconds grace) {
    impl_->stopped = true;
    impl_->health->set_ready(false);
    impl_->simulations->stop();  // so that the server need not wait for their answers
    impl_->server->stop(grace);
    if (impl_->tiktak_server) impl_->tiktak_server->stop(grace);
    impl_->events->stop();
    impl_->bulk_chores.stop();  // waits for the engine, so it goes before it
    const bool drained = impl_->runner->drain(grace);
    impl_->client->stop(Milliseconds{0});
    if (impl_->mail) impl_->mail->stop();
    impl_->runner->stop();
    impl_->chores.stop();
    impl_->accounts->write_uses(true);
    impl_->writer->stop();
    impl_->engine_store->stop();  // it speaks to the inbox, which is gone before it
    impl_->readers->stop();
    if (impl_->otlp) impl_->otlp->stop();
    return drained;
}

std::uint16_t Node::port() const { return impl_->server->port(); }

const api::Router& Node::router() const { return *impl_->router; }

std::string Node::first_key() const {
    return impl_->first_start.key ? impl_->first_start.key->key.presented() : std::string();
}

}  // namespace punkt::app
