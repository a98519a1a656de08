// Qron's wire: POST /schedule and GET /schedule/:id. Thin: a job is a task of ours. Source: contract qron.md.
#pragma once

#include "api/readers.h"
#include "api/router.h"
#include "base/id.h"
#include "engine/inbox.h"
#include "rooms/tasks/task_audit.h"
#include "rooms/tasks/task_rules.h"
#include "store/writer.h"

namespace punkt::qron {

struct JobsOptions {
    bool backoff_is_fixed = false;                    // QRON_BACKOFF=fixed: 3 s, 3 s instead of 3 s, 9 s
    Milliseconds retention{std::chrono::hours{168}};  // a finished job is 404 afterwards
    tasks::AuditOptions audit = {};
};

class JobsApi {
  public:
    JobsApi(IdMaker& ids, const PublicIds& public_ids, store::Writer& writer, api::Readers& readers,
            engine::Inbox& engine, tasks::Rules rules, JobsOptions options)
        : ids_(ids),
          public_ids_(public_ids),
          writer_(writer),
          readers_(readers),
          engine_(engine),
          rules_(std::move(rules)),
          options_(options) {}
    void add_routes(api::Router& router);

  private:
    Async<net::HttpReply> schedule(api::Context& context);
    Async<net::HttpReply> show(api::Context& context);

    IdMaker& ids_;
    const PublicIds& public_ids_;
    store::Writer& writer_;
    api::Readers& readers_;
    engine::Inbox& engine_;
    tasks::Rules rules_;
    JobsOptions options_;
};

}  // namespace punkt::qron
