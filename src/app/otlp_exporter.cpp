#include "app/otlp_exporter.h"

#include <algorithm>
#include <iterator>

#include "base/log.h"
#include "base/thread_name.h"

namespace punkt::app {

Result<std::unique_ptr<OtlpExporter>> OtlpExporter::create(Options options, Metrics& metrics) {
    auto client = ApiClient::create(options.endpoint, {}, options.ca_file);
    if (!client) return client.error();
    return std::unique_ptr<OtlpExporter>(new OtlpExporter(std::move(options), std::move(*client), metrics));
}

OtlpExporter::OtlpExporter(Options options, ApiClient client, Metrics& metrics)
    : options_(std::move(options)),
      client_(std::move(client)),
      exported_(metrics.counter("punkt_otlp_spans_total", "Spans that left", {{"outcome", "exported"}})),
      dropped_(metrics.counter("punkt_otlp_spans_total", "Spans that left", {{"outcome", "dropped"}})) {
    thread_ = std::thread([this] { run(); });
}

OtlpExporter::~OtlpExporter() { stop(); }

void OtlpExporter::record(Span span) {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.queued_max || stopping_) return dropped_.add();
    queue_.push_back(std::move(span));
    if (queue_.size() == options_.batch_max) changed_.notify_one();
}

void OtlpExporter::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void OtlpExporter::run() {
    name_this_thread("otlp");
    while (true) {
        const std::vector<Span> spans = take();
        if (spans.empty()) return;
        send(spans);
    }
}

std::vector<Span> OtlpExporter::take() {
    std::unique_lock lock(mutex_);
    do {
        changed_.wait_for(lock, options_.every, [this] { return stopping_ || queue_.size() >= options_.batch_max; });
    } while (queue_.empty() && !stopping_);
    std::vector<Span> spans;
    const std::size_t count = std::min(queue_.size(), options_.batch_max);
    std::move(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count), std::back_inserter(spans));
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    return spans;
}

void OtlpExporter::send(const std::vector<Span>& spans) {
    const std::string body = otlp_json(spans);
    for (int tries = 1; tries <= options_.tries_max; ++tries) {
        if (try_to_send(body)) return exported_.add(spans.size());
        std::unique_lock lock(mutex_);
        if (changed_.wait_for(lock, options_.every, [this] { return stopping_; })) break;
    }
    dropped_.add(spans.size());
}

bool OtlpExporter::try_to_send(const std::string& body) {
    const auto answer = client_.call(Method::post, "/v1/traces", body, options_.headers, options_.timeout);
    const bool is_taken = answer && answer->status >= 200 && answer->status < 300;
    if (!is_taken && !std::exchange(is_failing_, true))
        log::warn("the collector at {} does not take spans: {}", client_.url(),
                  answer ? fmt::format("it answered {}", answer->status) : answer.error().message);
    if (is_taken && std::exchange(is_failing_, false)) log::info("the collector takes spans again");
    return is_taken;
}

}  // namespace punkt::app
