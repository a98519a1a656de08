// Attempts never exceed the policy, every delay obeys it, and nothing gives up before it must.
#include <algorithm>
#include <map>

#include "core/retry.h"
#include "sim/checkers/checkers.h"

namespace punkt::sim {
namespace {

class PolicyObeyed final : public Checker {
  public:
    explicit PolicyObeyed(World world) : Checker(world, "policy obeyed") {}

    void answered(Id execution, const Answer& answer) override { answers_[execution] = {answer, now()}; }
    void crashed() override { answers_.clear(); }
    void jumped(Milliseconds) override { answers_.clear(); }

    void committed(const store::Transition& transition, bool) override {
        if (!transition.record) return;
        const Execution& record = *transition.record;
        const Task* task = disk().version(record.organization, record.task, record.task_version);
        const auto answer = answers_.find(record.id);
        if (task == nullptr || answer == answers_.end()) return;
        if (record.attempt > retries_of(*task) + 1)
            violated("execution {} is attempt {} of at most {}", record.id, record.attempt, retries_of(*task) + 1);
        const bool should_retry = retries(*task, record, answer->second.answer);
        if (should_retry != (record.next != 0))
            violated("execution {} ({}) {} be retried", record.id, record.error_message,
                     should_retry ? "should" : "should not");
        if (record.next != 0) check_delay(*task, record, answer->second);
        answers_.erase(answer);
    }

  private:
    struct Seen {
        Answer answer;
        Timestamp at;
    };
    static RetryPolicy policy_of(const Task& task) {
        return task.retry.value_or(standard_retry_policy(Milliseconds{5'000}));
    }
    /// Cron runs retry only when a policy is named.
    static int retries_of(const Task& task) {
        return task.kind == TaskKind::cron && !task.retry ? 0 : task.retry_attempts;
    }
    static bool retries(const Task& task, const Execution& record, const Answer& answer) {
        if (record.status == Status::success || record.attempt > retries_of(task)) return false;
        if (answer.no_retry || answer.status == 410) return false;
        const auto on = policy_of(task).on;
        if (!answer.status) return answer.failure == Failure::timeout ? on.timeout : on.transport;
        return std::any_of(on.statuses.begin(), on.statuses.end(), [&](const auto& range) {
            return range.first <= *answer.status && *answer.status <= range.second;
        });
    }
    void check_delay(const Task& task, const Execution& record, const Seen& seen) {
        if (task.expires_at && *record.next_at >= *task.expires_at) return;  // it would come too late
        RetryPolicy policy = policy_of(task);
        const double jitter = std::exchange(policy.jitter, 0);
        SeededRandom unused(1);
        auto least = static_cast<double>(retry_delay(policy, record.attempt, unused).count());
        auto most = least * (1 + jitter);
        least *= 1 - jitter;
        if (seen.answer.retry_after && (seen.answer.status == 429 || seen.answer.status == 503))
            least = most = 1'000.0 * std::stoi(*seen.answer.retry_after);
        // The engine judges when it next wakes up.
        const auto delay = static_cast<double>((*record.next_at - seen.at).count());
        if (delay < least - 1 || delay > most + 50)
            violated("execution {} is retried after {} ms, the policy says {} to {}", record.id, delay, least, most);
    }

    std::map<Id, Seen> answers_;
};

}  // namespace

std::unique_ptr<Checker> policy_obeyed(Checker::World world) { return std::make_unique<PolicyObeyed>(world); }

}  // namespace punkt::sim
