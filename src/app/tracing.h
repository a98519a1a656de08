// Where spans come from: requests to the API, commits, deliveries. Only made when a collector is configured.
#pragma once

#include <functional>
#include <memory>

#include "app/otlp_exporter.h"
#include "base/async.h"
#include "base/id.h"
#include "core/trace_context.h"
#include "engine/observer.h"
#include "net/http_server.h"
#include "store/journal.h"

namespace punkt::app {

/// Threads: any.
class Tracing final : public engine::Observer {
  public:
    /// `sample_percent`: of the traces that begin here; a caller's own `traceparent` decides for its trace.
    Tracing(OtlpExporter& exporter, const PublicIds& ids, const Clock& clock, int sample_percent)
        : exporter_(exporter), ids_(ids), clock_(clock), sample_percent_(sample_percent) {}

    /// `next` in a span: its request carries that span as `traceparent`, so that what it makes belongs to it.
    Async<net::HttpReply> handle(net::HttpRequest request, const net::HttpHandler& next);

    void started(const Timer&, const Task&, int, Timestamp) override {}
    void ended(const Execution& execution, const Task& task) override;
    /// A transaction of the writer, over now.
    void committed(Microseconds took);

  private:
    TraceContext begin_trace() const;

    OtlpExporter& exporter_;
    const PublicIds& ids_;
    const Clock& clock_;
    const int sample_percent_;
};

/// Passes everything on and measures the commits between.
class TracedJournal final : public store::Journal {
  public:
    TracedJournal(store::Journal& journal, Tracing& tracing, const Clock& clock)
        : journal_(journal), tracing_(tracing), clock_(clock) {}
    bool begin() override {
        began_ = clock_.elapsed();
        return journal_.begin();
    }
    bool wants(Id organization) const override { return journal_.wants(organization); }
    void happened(const Happening& happening) override { journal_.happened(happening); }
    Result<void> write(db::Connection& connection) override { return journal_.write(connection); }
    void committed(store::Announcements& announcements) override {
        tracing_.committed(clock_.elapsed() - began_);
        journal_.committed(announcements);
    }

  private:
    store::Journal& journal_;
    Tracing& tracing_;
    const Clock& clock_;
    Microseconds began_{};
};

/// "a=b,c=d", values percent-encoded, as OTEL_EXPORTER_OTLP_HEADERS has them. Errors: `invalid`.
Result<Headers> otlp_headers(std::string_view text);

}  // namespace punkt::app
