// Tells an organization that much or all of its month is used, each share once a month. Source: accounts.md §6.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "core/task.h"
#include "store/quotas.h"
#include "store/writer.h"

namespace punkt::plans {

/// What is sent: {"event":"limit_warning" or "limit_reached","text","content","data":{…}}; Slack shows `text`, Discord
/// `content`. To a mailto: URL the sentence alone.
Task notice_task(const store::Quotas::Passed& passed, std::string url, Timestamp now);

/// The notice is a task of its own, written together with the note that it was sent: a crash neither loses nor repeats
/// it. It is in the log, too. Threads: one.
class Notices {
  public:
    /// Where an organization wants to be told. Threads: the one of step().
    using UrlsOf = std::function<std::vector<std::string>(Id organization)>;
    Notices(store::Quotas& quotas, store::Writer& writer, IdMaker& ids, UrlsOf urls_of)
        : quotas_(quotas), writer_(writer), ids_(ids), urls_of_(std::move(urls_of)) {}

    /// Submits what there is to tell. Does not wait.
    void step(Timestamp now);

  private:
    store::Quotas& quotas_;
    store::Writer& writer_;
    IdMaker& ids_;
    UrlsOf urls_of_;
};

}  // namespace punkt::plans
