// Building and signing the request of an attempt. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/id.h"
#include "core/http.h"

namespace punkt {

/// What signs the deliveries of an organization: "whsec_…" each.
struct WebhookSecrets {
    std::string current = {};   // empty: nothing is signed
    std::string previous = {};  // replaced lately, signs too; empty: none does
};

struct DeliveryContext {
    const PublicIds& ids;
    const WebhookSecrets& secrets;
    int deliveries = 1;  // of this attempt, this one included
    Timestamp now{};     // the attempt's start: the signature's timestamp
};

/// The request of one attempt of `task`. Headers, in this order: the task's own (names in lower case), then those that
/// Punkt adds and the task does not set: user-agent, x-runlater-task-id, -execution-id, -signature, punkt-task-id,
/// -execution-id, -attempt, -delivery, -scheduled-at, traceparent and tracestate (of a task that has one), webhook-id,
/// -timestamp, -signature. While two secrets sign, webhook-signature has an entry of each, the current one's first.
/// x-runlater-signature, which receivers compare whole, stays the previous one's that long, and punkt-signature-next is
/// what it will be.
/// A body goes out with POST, PUT and PATCH only (Qron: also DELETE).
/// Source: contract "Names on the wire"; execution.md §5; standard-webhooks.md §1; tiktak.md §6.  Threads: any.
Request build_request(const TaskPtr& task, const Timer& timer, const DeliveryContext& context);

/// execution.md §5.1: "sha256=" and the lower-case hex HMAC of the body, keyed with the whole secret text.
std::string runlater_signature(std::string_view secret, std::string_view body);

/// standard-webhooks.md §1: "v1," and the base64 HMAC of "id.timestamp.body", keyed with the decoded secret. Empty when
/// the secret is no base64.
std::string standard_signature(std::string_view secret, std::string_view id, std::int64_t timestamp_s,
                               std::string_view body);

}  // namespace punkt
