// Every route of Punkt has a step in a *.http file.
#include <gtest/gtest.h>

#include <set>

#include "api/router.h"
#include "tests/wire/house.h"
#include "tests/wire/scripts_on_disk.h"

namespace punkt::wire {
namespace {

/// "PUT /schedule/{{id}}?x=1" → "PUT", "/schedule/{{id}}"
std::pair<std::string, std::string> method_and_path(const std::string& request_line) {
    const auto blank = request_line.find(' ');
    const std::string target = blank == std::string::npos ? "" : request_line.substr(blank + 1);
    return {request_line.substr(0, blank), target.substr(0, target.find('?'))};
}

/// Of every file: the requests to the main port that are not refused for a wrong key, method or path.
std::vector<std::pair<std::string, std::string>> answered_requests() {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& path : script_paths()) {
        const auto script = load_script(path);
        EXPECT_TRUE(script) << script.error().message;
        if (!script) continue;
        for (const Step& step : script->steps)
            if (!step.directive("port") && step.expected.first.starts_with("2"))
                all.push_back(method_and_path(step.asked.first));
    }
    return all;
}

TEST(WireCoverage, every_route_has_a_step_that_succeeds) {
    const auto house = House::create({{"tiktak.allow_shutdown", "1"}});
    ASSERT_TRUE(house) << house.error().message;
    const auto& routes = (*house)->node().router().routes();
    api::RouteTable table;
    for (std::size_t i = 0; i < routes.size(); ++i) table.add(routes[i]->method, routes[i]->pattern, i);
    std::set<std::size_t> covered;
    for (const auto& [method, path] : answered_requests())
        if (const auto found = table.find(method, path); found.route) covered.insert(*found.route);
    ASSERT_GT(routes.size(), 20u);
    for (std::size_t i = 0; i < routes.size(); ++i) {
        if (routes[i]->pattern == "/_shutdown") continue;  // ends the process: shutdown_test.cpp
        EXPECT_TRUE(covered.contains(i)) << routes[i]->method << " " << routes[i]->pattern
                                         << " has no step in tests/wire that succeeds";
    }
}

}  // namespace
}  // namespace punkt::wire
