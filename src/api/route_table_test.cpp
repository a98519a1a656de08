#include "api/route_table.h"

#include <gtest/gtest.h>

namespace punkt::api {
namespace {

std::string shown(const RouteTable& table, std::string_view method, std::string_view path) {
    const auto found = table.find(method, path);
    if (!found.route) return found.methods.empty() ? "nothing" : "only " + found.methods;
    std::string text = std::to_string(*found.route);
    for (const auto& [name, value] : found.parameters) text += " " + name + "=" + value;
    return text + (found.is_malformed ? " malformed" : "");
}

RouteTable table() {
    RouteTable table;
    table.add("GET", "/", 0);
    table.add("GET", "/tasks", 1);
    table.add("POST", "/tasks", 2);
    table.add("GET", "/tasks/:id", 3);
    table.add("POST", "/tasks/batch", 4);
    table.add("GET", "/tasks/:task/executions/:execution", 5);
    table.add("GET", "/:any/settings", 6);
    table.add("GET", "/files/*rest", 7);
    table.add("DELETE", "/tasks/:other", 8);
    return table;
}

TEST(RouteTable, leads_a_method_and_path_to_its_route) {
    const RouteTable routes = table();
    EXPECT_EQ(shown(routes, "GET", "/"), "0");
    EXPECT_EQ(shown(routes, "GET", "/tasks"), "1");
    EXPECT_EQ(shown(routes, "POST", "/tasks"), "2");
    EXPECT_EQ(shown(routes, "GET", "/tasks/7"), "3 id=7");
    EXPECT_EQ(shown(routes, "DELETE", "/tasks/7"), "8 other=7");
    EXPECT_EQ(shown(routes, "GET", "/tasks/a/executions/b"), "5 task=a execution=b");
    EXPECT_EQ(shown(routes, "GET", "/x/settings"), "6 any=x");
}

TEST(RouteTable, prefers_literals_and_goes_back_when_they_lead_nowhere) {
    const RouteTable routes = table();
    EXPECT_EQ(shown(routes, "POST", "/tasks/batch"), "4");
    EXPECT_EQ(shown(routes, "GET", "/tasks/batch"), "3 id=batch");
    EXPECT_EQ(shown(routes, "GET", "/tasks/settings"), "3 id=settings");
    EXPECT_EQ(shown(routes, "GET", "/files/settings"), "7 rest=settings");
}

TEST(RouteTable, ignores_empty_segments) {
    const RouteTable routes = table();
    EXPECT_EQ(shown(routes, "GET", "/tasks/"), "1");
    EXPECT_EQ(shown(routes, "GET", "//tasks//7/"), "3 id=7");
    EXPECT_EQ(shown(routes, "GET", "*"), "nothing");
}

TEST(RouteTable, decodes_names_but_not_slashes_between_them) {
    const RouteTable routes = table();
    EXPECT_EQ(shown(routes, "GET", "/tasks/a%2Fb%20c+d"), "3 id=a/b c+d");
    EXPECT_EQ(shown(routes, "GET", "/tasks/%zz"), "3 id= malformed");
    EXPECT_EQ(shown(routes, "GET", "/tasks/%FF"), "3 id= malformed");
    EXPECT_EQ(shown(routes, "GET", "/files/a/b%20c/"), "7 rest=a/b c/");
}

TEST(RouteTable, says_which_methods_a_path_has) {
    const RouteTable routes = table();
    EXPECT_EQ(shown(routes, "PUT", "/tasks"), "only GET, POST");
    EXPECT_EQ(shown(routes, "PUT", "/tasks/batch"), "only DELETE, GET, POST");
    EXPECT_EQ(shown(routes, "GET", "/other"), "nothing");
    EXPECT_EQ(shown(routes, "GET", "/files"), "nothing");
    EXPECT_EQ(shown(routes, "GET", "/tasks/a/b"), "nothing");
}

}  // namespace
}  // namespace punkt::api
