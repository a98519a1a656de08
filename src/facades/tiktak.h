// TikTak's wire: PUT and DELETE /schedule/:id, answers in plain words. Thin: a schedule is a task of ours.
// Source: contract tiktak.md.
#pragma once

#include <functional>
#include <string>

#include "api/readers.h"
#include "api/router.h"
#include "base/id.h"
#include "engine/inbox.h"
#include "rooms/tasks/task_audit.h"
#include "rooms/tasks/task_rules.h"
#include "store/writer.h"

namespace punkt::tiktak {

struct Options {
    int retries = 2;           // TIKTAK_RETRIES
    std::string api_key = {};  // TIKTAK_API_KEY: works for `organization`
    Id organization = 0;       // of the dedicated listener and of TIKTAK_API_KEY
    tasks::AuditOptions audit = {};
    std::function<void()> shutdown = {};  // TIKTAK_ALLOW_SHUTDOWN: drains the server; empty: not allowed
};

class SchedulesApi {
  public:
    SchedulesApi(IdMaker& ids, store::Writer& writer, api::Readers& readers, engine::Inbox& engine,
                 api::Authenticator& authenticator, tasks::Rules rules, Options options)
        : ids_(ids),
          writer_(writer),
          readers_(readers),
          engine_(engine),
          authenticator_(authenticator),
          rules_(std::move(rules)),
          options_(std::move(options)) {}

    /// On the main port: a key is needed.
    void add_routes(api::Router& router);
    /// On a port of its own (TIKTAK_PORT): open, as the original is, unless there is a TIKTAK_API_KEY.
    void add_dedicated_routes(api::Router& router);

  private:
    using Work = Async<net::HttpReply> (SchedulesApi::*)(api::Context&);
    void add(api::Router& router, const char* method, Work work, bool is_open);
    Async<net::HttpReply> identified(api::Context& context, Work work, bool is_open);
    Async<net::HttpReply> put(api::Context& context);
    Async<net::HttpReply> remove(api::Context& context);
    Async<net::HttpReply> shut_down(api::Context& context);
    /// Holds the task that `id` stands for, if any.
    Async<Result<Id>> hold_current(Id organization, const std::string& id);

    IdMaker& ids_;
    store::Writer& writer_;
    api::Readers& readers_;
    engine::Inbox& engine_;
    api::Authenticator& authenticator_;
    tasks::Rules rules_;
    Options options_;
};

}  // namespace punkt::tiktak
