#include "net/http_client.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "net/client_worker.h"
#include "net/resolver.h"
#include "net/tls_session.h"

namespace punkt::net {

struct HttpClient::Impl {
    Impl(ClientOptions given, std::unique_ptr<TlsContext> context, std::unique_ptr<Resolver> names, AnswerSink& sink)
        : options(std::move(given)), tls(std::move(context)), resolver(std::move(names)) {
        for (int i = 0; i < options.threads; ++i) {
            workers.push_back(std::make_unique<ClientWorker>(ClientShared{options, *tls, *resolver, sink, counters}));
        }
    }
    ~Impl() {
        resolver.reset();  // before the workers, to which its answers go
    }

    const ClientOptions options;
    const std::unique_ptr<TlsContext> tls;
    std::unique_ptr<Resolver> resolver;
    ClientCounters counters;
    std::atomic<std::size_t> turn = 0;
    std::vector<std::unique_ptr<ClientWorker>> workers;
};

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpClient::~HttpClient() { stop(Milliseconds(0)); }

Result<std::unique_ptr<HttpClient>> HttpClient::create(ClientOptions options, AnswerSink& sink) {
    const ResolverOptions names{
        .threads = options.dns_threads,
        .threads_max = options.dns_threads * 8,
        .answers_max = static_cast<std::size_t>(options.dns_answers_max),
    };
    return create(std::move(options), sink, std::make_unique<SystemResolver>(names));
}

Result<std::unique_ptr<HttpClient>> HttpClient::create(ClientOptions options, AnswerSink& sink,
                                                       std::unique_ptr<Resolver> resolver) {
    auto tls = TlsContext::create(options.ca_file);
    if (!tls) return std::move(tls).error();
    options.threads = std::max(1, options.threads);
    auto impl = std::make_unique<Impl>(std::move(options), *std::move(tls), std::move(resolver), sink);
    return std::unique_ptr<HttpClient>(new HttpClient(std::move(impl)));
}

void HttpClient::send(std::vector<Request> requests) {
    impl_->counters.in_flight.fetch_add(requests.size());
    impl_->counters.sent.fetch_add(requests.size(), std::memory_order_relaxed);
    // Each worker gets one piece, and the next batch starts with the next worker.
    const std::size_t workers = impl_->workers.size();
    const std::size_t first = impl_->turn.fetch_add(1, std::memory_order_relaxed);
    const std::size_t piece = (requests.size() + workers - 1) / workers;
    for (std::size_t i = 0; i < workers && !requests.empty(); ++i) {
        ClientWorker& worker = *impl_->workers[(first + i) % workers];
        if (requests.size() <= piece) {
            worker.send(std::move(requests));
            break;
        }
        const auto from = requests.end() - static_cast<std::ptrdiff_t>(piece);
        worker.send({std::make_move_iterator(from), std::make_move_iterator(requests.end())});
        requests.erase(from, requests.end());
    }
}

void HttpClient::stop(Milliseconds grace) {
    ClientCounters& counters = impl_->counters;
    {
        std::unique_lock lock(counters.mutex);
        counters.all_answered.wait_for(lock, grace, [&] { return counters.in_flight == 0; });
    }
    for (auto& worker : impl_->workers) worker->cancel();
    std::unique_lock lock(counters.mutex);
    counters.all_answered.wait(lock, [&] { return counters.in_flight == 0; });
}

HttpClient::Statistics HttpClient::statistics() const {
    const ClientCounters& counters = impl_->counters;
    Statistics statistics{counters.sent, counters.connected, counters.reused, 0, counters.in_flight};
    for (const auto& worker : impl_->workers) statistics.open += worker->open();
    return statistics;
}

}  // namespace punkt::net
