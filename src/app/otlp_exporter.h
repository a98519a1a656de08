// Sends spans to a collector, in batches, on a thread of its own. What it cannot send in time it drops and counts.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/api_client.h"
#include "app/otlp_span.h"
#include "base/clock.h"
#include "base/metrics.h"

namespace punkt::app {

class OtlpExporter {
  public:
    struct Options {
        std::string endpoint;  // "http://127.0.0.1:4318"; /v1/traces is added
        Headers headers = {};
        std::string ca_file = {};
        std::size_t queued_max = 10'000;  // spans
        std::size_t batch_max = 512;      // spans in one request
        Milliseconds every{1'000};        // at the latest; also the pause between tries
        int tries_max = 3;                // of one batch
        Milliseconds timeout{5'000};      // of one request
    };
    /// Errors: `invalid` when the endpoint is no HTTP URL or the certificates cannot be read.
    static Result<std::unique_ptr<OtlpExporter>> create(Options options, Metrics& metrics);
    /// stop()
    ~OtlpExporter();

    /// Never waits. Threads: any.
    void record(Span span);
    /// One last try for what is queued, then the end.
    void stop();

  private:
    OtlpExporter(Options options, ApiClient client, Metrics& metrics);
    void run();
    /// Up to a batch; empty only when stopping.
    std::vector<Span> take();
    void send(const std::vector<Span>& spans);
    bool try_to_send(const std::string& body);

    const Options options_;
    ApiClient client_;
    Counter& exported_;
    Counter& dropped_;
    bool is_failing_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Span> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace punkt::app
