// A node in a folder of its own, and the command line that speaks to it: what the tests of the commands share.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli.h"
#include "app/config.h"
#include "app/node.h"
#include "base/json.h"
#include "testing/scratch_folder.h"

namespace punkt::testing {

/// Threads: the test's.
class NodeCliTest : public ::testing::Test {
  protected:
    void SetUp() override { start(); }
    /// The server is gone, its port closed and its data directory free.
    void stop() {
        node->stop(Milliseconds{0});
        node.reset();
    }
    void start() {
        auto config = app::load_config(
            {.file = "/dev/null",
             .environment = server_environment,
             .flags = {
                 {"data.directory", folder.path()}, {"server.port", "0"}, {"allow_private_targets", "127.0.0.0/8"}}});
        ASSERT_TRUE(config) << config.error().message;
        auto made = app::Node::create(*config);
        ASSERT_TRUE(made) << made.error().message;
        node = std::move(*made);
        node->start();
        environment = {{"PUNKT_CONFIG", "/dev/null"},
                       {"PUNKT_DATA_DIRECTORY", folder.path()},
                       {"PUNKT_URL", "http://127.0.0.1:" + std::to_string(node->port())}};
    }
    int run(std::vector<std::string> arguments) {
        std::ostringstream out_stream, err_stream;
        const int code =
            app::run_cli(std::move(arguments), {.out = out_stream, .err = err_stream, .environment = environment});
        out = out_stream.str();
        err = err_stream.str();
        return code;
    }
    /// A member of "data" in what was printed as JSON.
    std::string printed(std::string_view member) {
        auto document = json::Document::parse(out);
        EXPECT_TRUE(document) << out;
        return document ? std::string(document->root()["data"][member].string().value_or("")) : "";
    }

    ScratchFolder folder;
    std::vector<std::pair<std::string, std::string>> server_environment = {};
    std::unique_ptr<app::Node> node;
    std::vector<std::pair<std::string, std::string>> environment;
    std::string out, err;
};

}  // namespace punkt::testing
