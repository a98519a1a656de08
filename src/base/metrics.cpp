#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/check.h"

namespace punkt {
namespace {

const char* word(Metrics::Kind kind) {
    switch (kind) {
        case Metrics::Kind::counter:
            return "counter";
        case Metrics::Kind::gauge:
            return "gauge";
        case Metrics::Kind::histogram:
            return "histogram";
    }
    return "untyped";
}

std::string escaped(std::string_view text, bool with_quotes) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || (with_quotes && c == '"')) out += '\\';
        out += c;
    }
    return out;
}

std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

/// `a="1",b="2"` without braces, so that a histogram can add its own label.
std::string rendered(const Metrics::Labels& labels) {
    std::string out;
    for (const auto& [name, value] : labels)
        fmt::format_to(std::back_inserter(out), "{}{}=\"{}\"", out.empty() ? "" : ",", name, escaped(value, true));
    return out;
}

void append_line(std::string& out, std::string_view name, std::string_view labels, std::string_view value) {
    if (labels.empty())
        fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
    else
        fmt::format_to(std::back_inserter(out), "{}{{{}}} {}\n", name, labels, value);
}

void append(std::string& out, const std::string& name, const std::string& labels, const Counter& counter) {
    append_line(out, name, labels, fmt::to_string(counter.value()));
}

void append(std::string& out, const std::string& name, const std::string& labels, const Gauge& gauge) {
    append_line(out, name, labels, number(gauge.value()));
}

void append(std::string& out, const std::string& name, const std::string& labels, const Histogram& histogram) {
    const std::string comma = labels.empty() ? "" : ",";
    std::uint64_t count = 0;
    for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
        count += histogram.in_bucket(i);
        const double bound = i < histogram.bounds().size() ? histogram.bounds()[i] : HUGE_VAL;
        append_line(out, name + "_bucket", fmt::format("{}{}le=\"{}\"", labels, comma, number(bound)),
                    fmt::to_string(count));
    }
    append_line(out, name + "_sum", labels, number(histogram.sum()));
    append_line(out, name + "_count", labels, fmt::to_string(count));
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), buckets_(bounds_.size() + 1) {
    check(std::is_sorted(bounds_.begin(), bounds_.end()), "the bounds of a histogram grow");
}

void Histogram::observe(double value) {
    const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<double> Metrics::seconds_buckets() {
    return {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300};
}

std::vector<double> Metrics::doubling_buckets(double last) {
    std::vector<double> bounds;
    for (double bound = 1; bound <= last; bound *= 2) bounds.push_back(bound);
    return bounds;
}

Metrics::Family& Metrics::family(Kind kind, std::string_view name, std::string_view help) {
    const auto known = families_.find(name);
    if (known != families_.end()) {
        check(known->second.kind == kind, "a metric keeps its kind");
        return known->second;
    }
    return families_.emplace(std::string(name), Family{.kind = kind, .help = std::string(help)}).first->second;
}

template <class T, class Make>
T& Metrics::metric(Kind kind, std::string_view name, std::string_view help, const Labels& labels, Make make) {
    const std::lock_guard lock(mutex_);
    auto& metrics = family(kind, name, help).metrics;
    auto [entry, is_new] = metrics.try_emplace(rendered(labels));
    if (is_new) entry->second = make();
    return *std::get<std::unique_ptr<T>>(entry->second);
}

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
    return metric<Counter>(Kind::counter, name, help, labels, [] { return std::make_unique<Counter>(); });
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
    return metric<Gauge>(Kind::gauge, name, help, labels, [] { return std::make_unique<Gauge>(); });
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                              const Labels& labels) {
    return metric<Histogram>(Kind::histogram, name, help, labels,
                             [&] { return std::make_unique<Histogram>(std::move(bounds)); });
}

void Metrics::read(Kind kind, std::string_view name, std::string_view help, std::function<double()> read) {
    read_many(kind, name, help, [read = std::move(read)] { return std::vector<Sample>{{.value = read()}}; });
}

void Metrics::read_many(Kind kind, std::string_view name, std::string_view help,
                        std::function<std::vector<Sample>()> read) {
    const std::lock_guard lock(mutex_);
    check(kind != Kind::histogram, "a histogram is not read from outside");
    family(kind, name, help).read = std::move(read);
}

std::string Metrics::text() const {
    const std::lock_guard lock(mutex_);
    std::string out;
    for (const auto& [name, family] : families_) {
        fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, escaped(family.help, false), name,
                       word(family.kind));
        for (const auto& [labels, metric] : family.metrics)
            std::visit([&, &label_text = labels,
                        &metric_name = name](const auto& content) { append(out, metric_name, label_text, *content); },
                       metric);
        if (!family.read) continue;
        for (const auto& sample : family.read()) append_line(out, name, rendered(sample.labels), number(sample.value));
    }
    return out;
}

}  // namespace punkt
