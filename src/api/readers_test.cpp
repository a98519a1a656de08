#include "api/readers.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <latch>
#include <optional>

#include "db/connection.h"
#include "testing/run_async.h"
#include "testing/scratch_folder.h"

namespace punkt::api {
namespace {

struct House {
    House() {
        auto writer = db::Connection::open({.path = path}, db::Access::write);
        EXPECT_TRUE(writer && writer->script("CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (7)"));
    }
    std::unique_ptr<Readers> readers(int threads) {
        auto created = Readers::create({.path = path}, threads);
        EXPECT_TRUE(created);
        return std::move(*created);
    }
    testing::ScratchFolder folder;
    std::string path = folder.path("test.db");
};

Result<std::int64_t> read(db::Connection& connection) { return db::query_number(connection, "SELECT a FROM t"); }

TEST(Readers, read_on_their_own_threads_and_resume_on_the_callers) {
    House house;
    const auto readers = house.readers(2);
    std::thread::id reader;
    const auto answer = testing::run_async(readers->read<std::int64_t>([&](db::Connection& connection) {
        reader = std::this_thread::get_id();
        return read(connection);
    }));
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, 7);
    EXPECT_NE(reader, std::this_thread::get_id());
}

TEST(Readers, hand_back_the_errors_of_the_work) {
    House house;
    const auto readers = house.readers(1);
    const auto answer = testing::run_async(readers->read<int>([](db::Connection&) -> Result<int> {
        return Error{ErrorKind::not_found, "no"};
    }));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::not_found);
}

TEST(Readers, do_not_start_without_a_database) { EXPECT_FALSE(Readers::create({.path = "/nowhere/at/all.db"}, 1)); }

TEST(Readers, refuse_what_would_wait_behind_too_many_and_do_the_rest_before_they_stop) {
    House house;
    const auto readers = house.readers(1);
    std::latch busy(1), release(1);
    asio::io_context context;
    std::vector<std::optional<Result<std::int64_t>>> answers(Readers::waiting_max + 2);
    const auto spawn = [&](std::size_t place, auto work) {
        asio::co_spawn(context.get_executor(),
                       testing::answer_into(answers[place], readers->read<std::int64_t>(std::move(work))),
                       asio::detached);
    };
    spawn(0, [&](db::Connection& connection) {
        busy.count_down();
        release.wait();
        return read(connection);
    });
    context.poll();
    busy.wait();  // the only thread is busy
    for (std::size_t place = 1; place < answers.size(); ++place) spawn(place, &read);
    context.restart();
    context.poll();
    ASSERT_TRUE(answers.back());
    EXPECT_EQ(answers.back()->error().kind, ErrorKind::unavailable);
    EXPECT_FALSE(answers[answers.size() - 2]);
    release.count_down();
    readers->stop();
    context.restart();
    context.poll();
    for (std::size_t place = 0; place + 1 < answers.size(); ++place)
        ASSERT_TRUE(answers[place] && *answers[place]) << place;
    answers[0].reset();
    spawn(0, &read);
    context.restart();
    context.poll();
    ASSERT_TRUE(answers[0]);
    EXPECT_FALSE(*answers[0]);
}

}  // namespace
}  // namespace punkt::api
