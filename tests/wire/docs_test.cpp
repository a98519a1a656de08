// The examples of the documentation, run as a reader would paste them: every ```sh block below docs/, page by page.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <set>

#include "api/router.h"
#include "app/dev_receiver.h"
#include "tests/wire/house.h"
#include "tests/wire/scripts_on_disk.h"

namespace punkt::wire {
namespace {

constexpr std::array reference_pages{"docs/reference/api.md", "docs/reference/qron.md", "docs/reference/tiktak.md"};

std::vector<std::string> pages() {
    const std::filesystem::path root = PUNKT_SOURCE_DIR;
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "docs"))
        if (entry.path().extension() == ".md")
            found.push_back(std::filesystem::relative(entry.path(), root).generic_string());
    return found;
}

/// The ```sh blocks of a page, in order.
std::vector<std::string> blocks_of(const std::string& page) {
    constexpr std::string_view begin = "\n```sh\n", end = "\n```";
    const std::string text = read_source(page);
    std::vector<std::string> blocks;
    for (auto at = text.find(begin); at != text.npos; at = text.find(begin, at)) {
        const auto from = at + begin.size();
        at = text.find(end, from);
        blocks.push_back(text.substr(from, at - from + 1));
    }
    return blocks;
}

struct Output {
    int status = 0;
    std::string text;
};

/// Runs `script` with `sh -e` and the variables of `environment` ("A='b' C='d'").
Output run_shell(const House& house, const std::string& environment, const std::string& script) {
    const std::string file = house.data_folder() + "/example.sh";
    std::FILE* const out = std::fopen(file.c_str(), "w");
    std::fputs(script.c_str(), out);
    std::fclose(out);
    std::FILE* const pipe = ::popen(fmt::format("{} sh -e {} 2>&1", environment, file).c_str(), "r");
    Output output;
    std::array<char, 4096> bytes{};
    while (const auto count = std::fread(bytes.data(), 1, bytes.size(), pipe)) output.text.append(bytes.data(), count);
    const int status = ::pclose(pipe);
    output.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return output;
}

/// What an API says when it refuses, in the shape of any surface.
bool looks_like_an_error(const std::string& text) {
    for (const char* sign : {R"("error":{)", R"("error":")", R"("errors":)", R"("statusCode":)", "Unauthorized"})
        if (text.find(sign) != text.npos) return true;
    return false;
}

TEST(WireDocs, every_example_works) {
    auto receiver = app::DevReceiver::create(0, [](const std::string&) {});
    ASSERT_TRUE(receiver) << receiver.error().message;
    (*receiver)->start();
    int examples = 0;
    for (const auto& page : pages()) {
        std::string script;
        for (const auto& block : blocks_of(page)) {
            script += block + "echo\n";
            ++examples;
        }
        if (script.empty()) continue;
        auto house = House::create({});  // a page does not see what another one left behind
        ASSERT_TRUE(house) << house.error().message;
        const auto environment =
            (*house)->memory().fill(fmt::format("PUNKT='{{{{punkt}}}}' KEY='{{{{alice}}}}' MASTER='{{{{master}}}}' "
                                                "TARGET='http://127.0.0.1:{}'",
                                                (*receiver)->port()),
                                    {});
        const Output output = run_shell(**house, *environment, script);
        EXPECT_EQ(output.status, 0) << page << "\n" << output.text;
        EXPECT_FALSE(looks_like_an_error(output.text)) << page << "\n" << output.text;
    }
    EXPECT_GE(examples, 10);
    (*receiver)->stop();
}

/// The requests of a block: each `curl … "$PUNKT/path"` with its method.
std::vector<std::pair<std::string, std::string>> requests_of(const std::string& block) {
    std::vector<std::pair<std::string, std::string>> requests;
    constexpr std::string_view curl = "curl ", address = "\"$PUNKT/", method_flag = "-X ";
    for (auto at = block.find(curl); at != block.npos;) {
        const auto next = block.find(curl, at + 1);
        const std::string command = block.substr(at, next - at);
        at = next;
        const auto from = command.find(address);
        if (from == command.npos) continue;
        const auto path_from = from + address.size() - 1;
        const std::string path = command.substr(path_from, command.find_first_of("\"?", path_from) - path_from);
        std::string method = command.find(" -d ") != command.npos ? "POST" : "GET";
        if (const auto flag = command.find(method_flag); flag != command.npos)
            method = command.substr(flag + method_flag.size(), command.find(' ', flag + 3) - flag - 3);
        requests.emplace_back(method, path);
    }
    return requests;
}

TEST(WireDocs, the_reference_names_every_route_and_has_an_example_of_each) {
    const auto house = House::create({{"tiktak.allow_shutdown", "1"}});
    ASSERT_TRUE(house) << house.error().message;
    const auto& routes = (*house)->node().router().routes();
    api::RouteTable table;
    for (std::size_t i = 0; i < routes.size(); ++i) table.add(routes[i]->method, routes[i]->pattern, i);
    std::string text;
    std::set<std::size_t> shown;
    for (const char* page : reference_pages) {
        text += read_source(page);
        for (const auto& block : blocks_of(page))
            for (const auto& [method, path] : requests_of(block)) {
                const auto found = table.find(method, path);
                EXPECT_TRUE(found.route) << page << ": " << method << " " << path << " is no route";
                if (found.route) shown.insert(*found.route);
            }
    }
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const std::string name = routes[i]->method + " " + routes[i]->pattern;
        EXPECT_NE(text.find("| `" + name + "` |"), text.npos) << name << " is in no table of docs/reference";
        const bool ends_the_process = routes[i]->pattern == "/_shutdown";
        EXPECT_TRUE(shown.contains(i) || ends_the_process) << name << " has no example in docs/reference";
    }
}

}  // namespace
}  // namespace punkt::wire
