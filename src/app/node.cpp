#include "app/node.h"

#include <algorithm>
#include <cstdlib>

#include "app/node_options.h"
#include "app/node_parts.h"
#include "app/saved_key.h"
#include "base/log.h"
#include "rooms/accounts/account_store.h"
#include "rooms/accounts/key_audit.h"
#include "store/queue_settings.h"

namespace punkt::app {
namespace {

constexpr int exit_storage_failed = 70;
constexpr int reader_threads = 2;

/// The disk failed: what this process believes about it is worthless. Nothing more is acknowledged.
[[noreturn]] void storage_failed(const Error& error) {
    log::error("the storage failed, stopping at once: {}", error.message);
    std::_Exit(exit_storage_failed);
}

}  // namespace

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
