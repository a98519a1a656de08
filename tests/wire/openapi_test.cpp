// The description of the API against the router's own table, and every example in it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "api/router.h"
#include "tests/wire/description.h"
#include "tests/wire/house.h"

namespace punkt::wire {
namespace {

const Description& description() { return Description::of_this_build(); }

std::string name_of(const Operation& operation) {
    return operation.method + " " + route_pattern(operation.pattern) + " (" + operation.id() + ")";
}

bool has_idempotency_key(const Operation& operation) {
    return std::any_of(operation.parameters.begin(), operation.parameters.end(),
                       [](json::Value each) { return each["name"].string() == "Idempotency-Key"; });
}

TEST(OpenApi, describes_every_route_and_nothing_else) {
    const auto house = House::create({{"tiktak.allow_shutdown", "1"}});
    ASSERT_TRUE(house) << house.error().message;
    std::set<std::string> described, routes;
    for (const Operation& each : description().operations())
        described.insert(each.method + " " + route_pattern(each.pattern));
    for (const auto& route : (*house)->node().router().routes()) routes.insert(route->method + " " + route->pattern);
    for (const auto& route : routes)
        EXPECT_TRUE(described.contains(route)) << route << " is in no file of docs/openapi (README.md there tells how)";
    for (const auto& each : described)
        EXPECT_TRUE(routes.contains(each)) << each << " is described in docs/openapi, but there is no such route";
    EXPECT_GT(routes.size(), 20u);
}

TEST(OpenApi, says_truly_which_key_a_route_needs_and_whether_it_answers_a_repetition) {
    const auto house = House::create({{"tiktak.allow_shutdown", "1"}});
    ASSERT_TRUE(house) << house.error().message;
    for (const auto& route : (*house)->node().router().routes()) {
        for (const Operation& each : description().operations()) {
            if (each.method != route->method || route_pattern(each.pattern) != route->pattern) continue;
            const json::Value own = each.value["security"];
            const bool is_open = own.exists() && own.elements().empty();
            const bool is_master = own.text().find("masterKey") != std::string::npos;
            // TikTak's routes look at the key themselves.
            const bool is_tiktak = each.value["tags"].text().find("TikTak") != std::string::npos;
            if (!is_tiktak) EXPECT_EQ(is_open, route->access == api::Access::open) << name_of(each);
            EXPECT_EQ(is_master, route->access == api::Access::master) << name_of(each);
            EXPECT_EQ(has_idempotency_key(each), route->is_idempotent && route->access != api::Access::open)
                << name_of(each) << ": x-idempotent";
        }
    }
}

void expect_references_to_lead_somewhere(json::Value value, const std::string& path) {
    if (value["$ref"].exists())
        EXPECT_TRUE(description().schemas().resolved(value).exists()) << path << ": " << value.text();
    if (value["schema"].exists())
        EXPECT_EQ(value["schema"].type(), json::Type::object) << path << ": " << value["schema"].text();
    for (const auto& [name, member] : value.members())
        expect_references_to_lead_somewhere(member, path + "/" + std::string(name));
    for (const json::Value each : value.elements()) expect_references_to_lead_somewhere(each, path + "/-");
}

TEST(OpenApi, is_a_document_of_version_3_1) {
    const json::Value root = description().root();
    EXPECT_EQ(root["openapi"].string(), "3.1.0");
    EXPECT_EQ(root["info"]["version"].string(), PUNKT_VERSION);
    const std::set<std::string_view> known{"openapi", "info", "servers", "security", "tags", "paths", "components"};
    for (const auto& [name, ignored] : root.members()) EXPECT_TRUE(known.contains(name)) << name;
    expect_references_to_lead_somewhere(root, "");
    std::set<std::string> ids, tags;
    for (const json::Value tag : root["tags"].elements()) tags.emplace(tag["name"].string().value_or(""));
    for (const Operation& each : description().operations()) {
        EXPECT_FALSE(each.id().empty()) << name_of(each) << " has no operationId";
        EXPECT_TRUE(ids.insert(each.id()).second) << name_of(each) << ": the operationId is taken";
        EXPECT_FALSE(each.value["summary"].string().value_or("").empty()) << name_of(each) << " has no summary";
        for (const json::Value tag : each.value["tags"].elements())
            EXPECT_TRUE(tags.contains(std::string(tag.string().value_or("")))) << name_of(each) << ": " << tag.text();
    }
}

TEST(OpenApi, operations_have_the_parts_that_the_standard_asks_for) {
    const std::set<std::string_view> known{"operationId", "summary",      "description",   "tags",
                                           "security",    "parameters",   "requestBody",   "responses",
                                           "x-not-sent",  "x-any-method", "x-not-audited", "deprecated"};
    for (const Operation& each : description().operations()) {
        for (const auto& [name, ignored] : each.value.members())
            EXPECT_TRUE(known.contains(name)) << name_of(each) << ": " << name;
        bool has_success = false;
        for (const auto& [status, response] : each.value["responses"].members()) {
            has_success = has_success || status.starts_with("2");
            EXPECT_TRUE(description().schemas().resolved(response)["description"].string())
                << name_of(each) << " " << status;
        }
        EXPECT_TRUE(has_success) << name_of(each) << " has no answer of success";
        std::set<std::string> in_path;
        for (const json::Value parameter : each.parameters) {
            EXPECT_TRUE(parameter["name"].string() && parameter["in"].string() && parameter["schema"].exists())
                << name_of(each) << ": " << parameter.text();
            if (parameter["in"].string() != "path") continue;
            EXPECT_EQ(parameter["required"].boolean(), true) << name_of(each);
            in_path.emplace(*parameter["name"].string());
        }
        for (const std::string& name : in_path)
            EXPECT_NE(each.pattern.find("{" + name + "}"), std::string::npos) << name_of(each) << ": " << name;
        EXPECT_EQ(static_cast<std::size_t>(std::count(each.pattern.begin(), each.pattern.end(), '{')), in_path.size())
            << name_of(each);
    }
}

/// Every example of an answer fits the schema beside it.
void expect_examples_to_fit(json::Value response, const std::string& where) {
    for (const auto& [type, media] : response["content"].members())
        for (const auto& [name, example] : media["examples"].members())
            for (const std::string& wrong :
                 description().schemas().mismatches(media["schema"], example["value"], Members::closed))
                ADD_FAILURE() << where << ", example " << name << ": " << wrong;
}

TEST(OpenApi, examples_of_answers_fit_their_schemas) {
    for (const auto& [name, response] : description().root()["components"]["responses"].members())
        expect_examples_to_fit(response, std::string(name));
    for (const Operation& each : description().operations())
        for (const auto& [status, response] : each.value["responses"].members())
            expect_examples_to_fit(response, name_of(each) + " " + std::string(status));
}

/// Sends examples to a house.
class Sender {
  public:
    explicit Sender(House& house) : house_(house) {}

    /// The answer to an operation with that example of its body; without a name, to one without a body.
    Message send(const Operation& operation, const std::string& example) {
        Message asked{.first = operation.method + " " + path_of(operation)};
        const json::Value media =
            description().schemas().resolved(operation.value["requestBody"])["content"]["application/json"];
        if (!example.empty()) asked.body = local(media["examples"][example]["value"].text());
        asked.headers.emplace_back("accept", "application/json, */*");
        const bool is_master = operation.value["security"].text().find("masterKey") != std::string::npos;
        const Message answer = house_.call(asked, is_master ? "master" : "alice");
        EXPECT_TRUE(answer.first.starts_with("2")) << name_of(operation) << ", example " << example << "\n"
                                                   << asked.first << "\n"
                                                   << asked.body << "\n"
                                                   << answer.first << " " << answer.body;
        for (const std::string& wrong : description().mismatches(asked, answer)) ADD_FAILURE() << wrong;
        return answer;
    }

  private:
    std::string local(std::string text) const {
        constexpr std::string_view outside = "https://example.com";
        const std::string target = house_.memory().fill("{{target}}", {}).value();
        for (auto at = text.find(outside); at != text.npos; at = text.find(outside, at))
            text.replace(at, outside.size(), target);
        return text;
    }

    std::string path_of(const Operation& operation) {
        std::string path = operation.pattern, query;
        for (const json::Value parameter : operation.parameters) {
            const std::string name(parameter["name"].string().value_or(""));
            if (parameter["in"].string() == "path") {
                const std::string part = "{" + name + "}";
                path.replace(path.find(part), part.size(), value_of(parameter));
            } else if (parameter["in"].string() == "query" && parameter["example"].exists()) {
                query += fmt::format("{}{}={}", query.empty() ? '?' : '&', name, encoded(value_of(parameter)));
            }
        }
        return path + query;
    }

    std::string value_of(json::Value parameter) {
        const json::Value from = parameter["x-from"];
        const json::Value example = parameter["example"];
        if (!from.exists()) return example.string() ? std::string(*example.string()) : example.text();
        const Operation* maker = description().find(from["operation"].string().value_or(""));
        if (maker == nullptr) {
            ADD_FAILURE() << "x-from names an operation that is not there: " << from.text();
            return "";
        }
        const Message answer = send(*maker, std::string(from["example"].string().value_or("")));
        const auto body = json::Document::parse(answer.body);
        json::Value found = body ? body->root() : json::Value();
        std::string_view rest = from["field"].string().value_or("");
        while (!rest.empty()) {
            const auto end = std::min(rest.find('.'), rest.size());
            const std::string_view name = rest.substr(0, end);
            const auto elements = found.elements();
            found = name == "0" && !elements.empty() ? elements.front() : found[name];
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return found.string() ? std::string(*found.string()) : found.text();
    }

    static std::string encoded(const std::string& text) {
        std::string made;
        for (const char c : text)
            made += std::isalnum(static_cast<unsigned char>(c)) != 0
                        ? std::string(1, c)
                        : fmt::format("%{:02X}", static_cast<unsigned char>(c));
        return made;
    }

    House& house_;
};

TEST(OpenApi, every_example_of_a_request_is_answered_as_described) {
    int sent = 0;
    for (const Operation& each : description().operations()) {
        if (each.value["x-not-sent"].exists()) continue;
        // Its own house: one example drains the queue that another one fills.
        const auto house = House::create({});
        ASSERT_TRUE(house) << house.error().message;
        Sender sender(**house);
        const json::Value media =
            description().schemas().resolved(each.value["requestBody"])["content"]["application/json"];
        const auto examples = media["examples"].members();
        EXPECT_TRUE(!examples.empty() || each.value["requestBody"]["required"].boolean() != true)
            << name_of(each) << " has no example of its body";
        if (examples.empty()) sender.send(each, "");
        for (const auto& [name, example] : examples) {
            for (const std::string& wrong :
                 description().schemas().mismatches(media["schema"], example["value"], Members::closed))
                ADD_FAILURE() << name_of(each) << ", example " << name << ": " << wrong;
            sender.send(each, std::string(name));
            ++sent;
        }
    }
    EXPECT_GE(sent, 10);
}

}  // namespace
}  // namespace punkt::wire
