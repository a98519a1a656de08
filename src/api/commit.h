// How a handler writes: it waits until its write is on disk, and an answer that an Idempotency-Key keeps goes there in
// the same commit. Source: runlater-api.md §1.5.
#pragma once

#include <functional>
#include <memory>

#include "api/context.h"
#include "api/idempotency.h"
#include "api/problem.h"
#include "store/writer.h"

namespace punkt::api {

/// A write with the answer to whoever asked for it.
class AnsweredWrite final : public store::WrappedWrite {
  public:
    AnsweredWrite(std::unique_ptr<store::Write> write, AnswerSlot& slot, std::function<net::HttpReply()> answer)
        : WrappedWrite(std::move(write)), slot_(slot), answer_(std::move(answer)) {}

    Result<void> apply(db::Connection& connection) override {
        if (auto applied = WrappedWrite::apply(connection); !applied) return applied;
        return slot_.store(connection, answer_());
    }
    void finished(const Result<void>& result) override {
        slot_.is_taken = result.has_value();  // before the handler goes on
        WrappedWrite::finished(result);
    }
    std::size_t rows() const override { return WrappedWrite::rows() + 1; }

  private:
    AnswerSlot& slot_;
    std::function<net::HttpReply()> answer_;
};

/// Submits `make(done)` and waits until it is on disk or refused. `answer() -> HttpReply` is asked in the transaction,
/// after the write's apply(), on the writer's thread, if the request has an Idempotency-Key: it may use what apply()
/// left behind, and nothing that another thread changes. For the only commit of a handler, or its last.
template <class Make, class Answer>
Async<Result<void>> commit(store::Writer& writer, Context& context, Make make, Answer answer) {
    co_return co_await wait_for<Result<void>>([&](store::Done done) {
        std::unique_ptr<store::Write> write = make(std::move(done));
        if (context.answer_slot != nullptr)
            write = std::make_unique<AnsweredWrite>(std::move(write), *context.answer_slot, answer);
        writer.submit(std::move(write));
    });
}

/// The same, and answers: what `answer` says, or the error of the commit.
template <class Make, class Answer>
Async<net::HttpReply> commit_and_answer(store::Writer& writer, Context& context, Make make, Answer answer) {
    const auto committed = co_await commit(writer, context, std::move(make), answer);
    co_return committed ? answer() : problem(committed.error());
}

}  // namespace punkt::api
