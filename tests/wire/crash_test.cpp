// Idempotency-Key and the power: wherever it goes, the answer to a request is on disk exactly if its work is, so that
// the repetition neither does it twice nor is told of what never happened.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <set>

#include "api/router.h"
#include "core/execution.h"
#include "db/connection.h"
#include "store/data_folder.h"
#include "tests/wire/changes.h"

namespace punkt::wire {
namespace {

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::string& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
    return number;
}

/// Where each commit of a write-ahead log ends. Source: sqlite.org/fileformat2.html, "The Write-Ahead Log".
std::vector<std::size_t> ends_of_commits(std::string_view log) {
    constexpr std::size_t head_bytes = 32, frame_head_bytes = 24;
    std::vector<std::size_t> ends;
    if (log.size() < head_bytes) return ends;
    const std::size_t frame_bytes = frame_head_bytes + number_at(log, 8);
    for (std::size_t at = head_bytes; at + frame_bytes <= log.size(); at += frame_bytes) {
        if (log.substr(at + 8, 8) != log.substr(16, 8)) break;  // left from before the log began anew
        if (number_at(log, at + 4) != 0) ends.push_back(at + frame_bytes);
    }
    return ends;
}

/// What a folder has at some moment.
struct Files {
    std::string database, log;
    static Files of(const House& house) {
        const std::string path = store::DataFolder::database_path(house.data_folder() + "/data");
        return {bytes_of(path), bytes_of(path + "-wal")};
    }
};

std::set<std::string> texts(db::Connection& connection, std::string_view sql) {
    std::set<std::string> all;
    const auto read = connection.query(sql, {}, [&](const db::Row& row) { all.insert(row.string(0)); });
    EXPECT_TRUE(read) << read.error().message;
    return all;
}

/// What is there after a crash.
struct Remains {
    std::set<std::string> done;      // ids of the requests whose work is on disk
    std::set<std::string> answered;  // their keys, the same texts
};

/// Opens what a crash leaves when so much of the log was on disk.
void with_remains(const Files& files, std::size_t log_bytes, const std::function<void(db::Connection&)>& look) {
    const testing::ScratchFolder folder;
    const std::string path = folder.path("punkt.db");
    write_bytes(path, files.database);
    write_bytes(path + "-wal", std::string_view(files.log).substr(0, log_bytes));
    auto opened = db::Connection::open({.path = path}, db::Access::write);
    ASSERT_TRUE(opened) << opened.error().message;
    look(*opened);
}

Remains remains_of(const Files& files, std::size_t log_bytes) {
    Remains remains;
    with_remains(files, log_bytes, [&](db::Connection& connection) {
        remains.done = texts(connection,
                             "SELECT DISTINCT metadata ->> 'request_id' FROM audit_entry WHERE metadata ->> "
                             "'request_id' LIKE 'request-before-a-crash-%'");
        remains.answered = texts(connection, "SELECT key FROM idempotency_answer");
    });
    return remains;
}

const api::Route& route_of(const House& house, const std::string& name) {
    for (const auto& route : house.node().router().routes())
        if (route->method + " " + route->pattern == name) return *route;
    ADD_FAILURE() << name << " is no route";
    return *house.node().router().routes().front();
}

/// Every change, each with a key; those whose answer is kept.
std::set<std::string> ask_for_all(House& house, const std::vector<Change>& changes) {
    std::set<std::string> kept;
    int number = 0;
    for (const Change& change : changes) {
        const std::string name = fmt::format("request-before-a-crash-{:03}", ++number);
        const api::Route& route = route_of(house, change.route);
        const Message request{.first = route.method + " " + change.path,
                              .headers = {{"x-request-id", name}, {"idempotency-key", name}},
                              .body = change.body};
        const auto answer = house.call(request, change.caller);
        EXPECT_TRUE(answer.first.starts_with("2")) << request.first << ": " << answer.body;
        // Keys are not kept, and neither is that something is gone (runlater-api.md §1.5).
        const bool is_kept = route.is_idempotent && route.access != api::Access::open && answer.first != "204";
        const auto again = house.call(request, change.caller);
        EXPECT_EQ(header(again, "idempotency-replayed"), is_kept ? "true" : "") << request.first;
        if (!is_kept) continue;
        EXPECT_EQ(again.body, answer.body) << request.first;
        kept.insert(name);
    }
    return kept;
}

TEST(WireCrash, the_answer_to_a_repetition_is_on_disk_exactly_if_the_work_is) {
    const auto house = House::create(settings_for_changes());
    ASSERT_TRUE(house) << house.error().message;
    const auto changes = changes_of(**house);
    const Files before = Files::of(**house);
    const auto kept = ask_for_all(**house, changes);
    const Files after = Files::of(**house);
    // What is copied into the database meanwhile is in the log as well, as long as that goes on.
    ASSERT_TRUE(after.log.starts_with(before.log.substr(0, 32))) << "the log began anew meanwhile";
    ASSERT_GT(kept.size(), 30U);
    std::size_t crashes = 0;
    Remains remains;
    for (const std::size_t end : ends_of_commits(after.log)) {
        if (end < before.log.size()) continue;
        remains = remains_of({before.database, after.log}, end);
        ++crashes;
        for (const std::string& name : kept)
            EXPECT_EQ(remains.done.contains(name), remains.answered.contains(name))
                << name << ", after " << end << " bytes of the log";
    }
    EXPECT_GE(crashes, changes.size());
    EXPECT_EQ(remains.answered, kept);
}

std::int64_t cancelled_of(const Files& files, std::size_t log_bytes) {
    Result<std::int64_t> cancelled = 0;
    with_remains(files, log_bytes, [&](db::Connection& connection) {
        cancelled =
            db::query_number(connection, "SELECT count(*) FROM execution WHERE status = $1", {Status::cancelled});
    });
    EXPECT_TRUE(cancelled);
    return cancelled ? *cancelled : 0;
}

TEST(WireCrash, what_takes_several_commits_has_its_answer_in_the_last) {
    constexpr int runs = 1'001;  // three batches
    const auto house = House::create({{"limits.batch_items", "2000"}});
    ASSERT_TRUE(house) << house.error().message;
    std::string items;
    for (int i = 0; i < runs; ++i) items += i == 0 ? "1" : ",1";
    const Message batch{
        .first = "POST /api/v1/tasks/batch",
        .body = fmt::format(R"({{"url":"http://127.0.0.1:9/","queue":"q","delay":3600,"items":[{}]}})", items)};
    ASSERT_EQ((*house)->call(batch, "alice").first, "201");
    const Files before = Files::of(**house);
    const Message purge{.first = "POST /api/v1/queues/q/purge",
                        .headers = {{"idempotency-key", "purge"}},
                        .body = R"({"confirm":true})"};
    const auto answer = (*house)->call(purge, "alice");
    EXPECT_NE(answer.body.find(fmt::format(R"("cancelled":{})", runs)), std::string::npos) << answer.body;
    EXPECT_EQ((*house)->call(purge, "alice").body, answer.body);
    const Files after = Files::of(**house);
    std::set<std::int64_t> cancelled;
    for (const std::size_t end : ends_of_commits(after.log)) {
        if (end < before.log.size()) continue;
        const std::int64_t now = cancelled_of({before.database, after.log}, end);
        EXPECT_EQ(remains_of({before.database, after.log}, end).answered.contains("purge"), now == runs);
        cancelled.insert(now);
    }
    for (const std::int64_t each : {500, 1'000, runs}) EXPECT_TRUE(cancelled.contains(each)) << each;
}

}  // namespace
}  // namespace punkt::wire
