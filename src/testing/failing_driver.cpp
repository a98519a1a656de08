#include "testing/failing_driver.h"

#include "db/sqlite.h"

namespace punkt::testing {
namespace {

class FailingDriver final : public db::Driver {
  public:
    FailingDriver(std::unique_ptr<db::Driver> real, std::shared_ptr<FailurePlan> plan)
        : real_(std::move(real)), plan_(std::move(plan)) {}

    Result<std::int64_t> execute(std::string_view sql, std::span<const db::Parameter> parameters) override {
        if (fails()) return plan_->error;
        return real_->execute(sql, parameters);
    }
    Result<void> query(std::string_view sql, std::span<const db::Parameter> parameters, db::RowVisitor each) override {
        if (fails()) return plan_->error;
        return real_->query(sql, parameters, each);
    }
    Result<void> script(std::string_view sql) override { return real_->script(sql); }
    Result<void> begin() override { return fails() ? Result<void>(plan_->error) : real_->begin(); }
    Result<void> commit() override { return fails() ? Result<void>(plan_->error) : real_->commit(); }
    Result<void> rollback() override { return fails() ? Result<void>(plan_->error) : real_->rollback(); }
    bool in_transaction() const override { return real_->in_transaction(); }
    Result<db::Checkpoint> checkpoint(db::CheckpointMode mode) override { return real_->checkpoint(mode); }
    std::int64_t log_pages() const override { return real_->log_pages(); }
    Result<void> copy_to(const std::string& path) override { return real_->copy_to(path); }

  private:
    bool fails() { return ++plan_->statements == plan_->fail_at; }

    std::unique_ptr<db::Driver> real_;
    std::shared_ptr<FailurePlan> plan_;
};

}  // namespace

Result<db::Connection> open_failing(const db::Location& location, std::shared_ptr<FailurePlan> plan) {
    auto real = db::open_sqlite(location, db::Access::write);
    if (!real) return real.error();
    return db::Connection(std::make_unique<FailingDriver>(std::move(*real), std::move(plan)));
}

}  // namespace punkt::testing
