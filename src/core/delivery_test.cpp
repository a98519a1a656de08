#include "core/delivery.h"

#include "core/trace_context.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace punkt {
namespace {

using namespace std::chrono_literals;
constexpr Timestamp start = from_ms(1'700'000'000'000);
constexpr const char* s24 = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
constexpr const char* s32 = "whsec_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=";
constexpr const char* s64 =
    "whsec_BwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/QEFCQ0RFRg==";

class DeliveryTest : public ::testing::Test {
  protected:
    DeliveryTest() {
        task.id = 1'000;
        task.url = "http://target.test/hook";
        timer = {.id = 1'000, .task = 1'000, .first = 1'000, .due = start, .scheduled_for = start};
    }
    Request built(std::string secret = {}, int deliveries = 1) {
        return built_with({.current = std::move(secret)}, deliveries);
    }
    Request built_with(const WebhookSecrets& secrets, int deliveries = 1) {
        return build_request(std::make_shared<const Task>(task), timer,
                             {.ids = ids, .secrets = secrets, .deliveries = deliveries, .now = start + 1500ms});
    }
    static std::string value(const Request& request, std::string_view name) {
        std::string found;
        for (const auto& [key, text] : request.headers)
            if (key == name) found += (found.empty() ? "" : "|") + text;
        return found;
    }

    PublicIds ids{PublicIds::Key{1, 2, 3}};
    Task task;
    Timer timer;
};

TEST_F(DeliveryTest, names_the_task_the_run_the_attempt_and_the_delivery) {
    timer.id = 2'000;
    timer.attempt = 2;
    const Request request = built({}, 3);
    EXPECT_EQ(request.url, "http://target.test/hook");
    EXPECT_EQ(value(request, "x-runlater-task-id"), ids.uuid(IdKind::task, 1'000));
    EXPECT_EQ(value(request, "x-runlater-execution-id"), ids.uuid(IdKind::execution, 2'000));
    EXPECT_EQ(value(request, "punkt-task-id"), ids.uuid(IdKind::task, 1'000));
    EXPECT_EQ(value(request, "punkt-execution-id"), ids.uuid(IdKind::execution, 2'000));
    EXPECT_EQ(value(request, "punkt-attempt"), "2");
    EXPECT_EQ(value(request, "punkt-delivery"), "3");
    EXPECT_EQ(value(request, "punkt-scheduled-at"), "2023-11-14T22:13:20.000Z");
    EXPECT_EQ(value(request, "user-agent").substr(0, 6), "Punkt/");
}

TEST_F(DeliveryTest, the_tasks_own_headers_come_first_in_lower_case_and_are_not_doubled) {
    task.headers = {
        {"X-Custom", "One"}, {"User-Agent", "mine"}, {"Punkt-Attempt", "none of yours"}, {"x-custom", "Two"}};
    const Request request = built();
    EXPECT_EQ(request.headers[0], (std::pair<std::string, std::string>("x-custom", "One")));
    EXPECT_EQ(request.headers[1], (std::pair<std::string, std::string>("user-agent", "mine")));
    EXPECT_EQ(value(request, "user-agent"), "mine");
    EXPECT_EQ(value(request, "punkt-attempt"), "none of yours");
    EXPECT_EQ(value(request, "x-custom"), "One|Two");
}

TEST_F(DeliveryTest, a_body_goes_out_with_post_put_and_patch_only) {
    task.body = "hello";
    for (const Method method : {Method::post, Method::put, Method::patch}) {
        task.method = method;
        ASSERT_TRUE(built().body);
        EXPECT_EQ(*built().body, "hello");
    }
    for (const Method method : {Method::get, Method::delete_, Method::head, Method::options}) {
        task.method = method;
        EXPECT_FALSE(built().body);
        EXPECT_EQ(value(built("whsec_test"), "x-runlater-signature"), runlater_signature("whsec_test", ""));
    }
    task.method = Method::post;
    task.body.reset();
    EXPECT_FALSE(built().body);
}

TEST_F(DeliveryTest, an_empty_body_is_a_body) {
    task.body = "";
    ASSERT_TRUE(built().body);
    EXPECT_EQ(*built().body, "");
}

TEST_F(DeliveryTest, without_a_secret_nothing_is_signed) {
    for (const auto& [name, text] : built().headers) EXPECT_EQ(name.find("signature"), std::string::npos);
    EXPECT_EQ(value(built(), "webhook-id"), "");
}

TEST_F(DeliveryTest, signs_with_the_moment_of_the_attempt_and_the_id_of_the_run) {
    task.body = "{}";
    timer.id = 3'000;
    timer.attempt = 3;
    const Request request = built(s24);
    const std::string run = ids.uuid(IdKind::execution, 1'000);
    EXPECT_EQ(value(request, "webhook-id"), run);
    EXPECT_EQ(value(request, "webhook-timestamp"), "1700000001");
    EXPECT_EQ(value(request, "webhook-signature"), standard_signature(s24, run, 1'700'000'001, "{}"));
    EXPECT_EQ(value(request, "x-runlater-signature"), runlater_signature(s24, "{}"));
    for (const char* bound : {"authorization", "cookie", "x-runlater-signature", "webhook-signature"})
        EXPECT_NE(std::find(request.origin_bound.begin(), request.origin_bound.end(), bound),
                  request.origin_bound.end());
}

// Each entry is as vectors A to E of standard-webhooks.md §3 have it; their order is that of §1 "Rotation".
TEST_F(DeliveryTest, while_two_secrets_sign_the_new_one_comes_first_and_the_old_header_changes_last) {
    task.body = "{}";
    const Request request = built_with({.current = s24, .previous = s32});
    const std::string run = ids.uuid(IdKind::execution, 1'000);
    EXPECT_EQ(value(request, "webhook-signature"), standard_signature(s24, run, 1'700'000'001, "{}") + " " +
                                                       standard_signature(s32, run, 1'700'000'001, "{}"));
    EXPECT_EQ(value(request, "x-runlater-signature"), runlater_signature(s32, "{}"));
    EXPECT_EQ(value(request, "punkt-signature-next"), runlater_signature(s24, "{}"));
    EXPECT_NE(std::find(request.origin_bound.begin(), request.origin_bound.end(), "punkt-signature-next"),
              request.origin_bound.end());
    EXPECT_EQ(value(built_with({.current = s24, .previous = "whsec_!"}), "webhook-signature"),
              standard_signature(s24, run, 1'700'000'001, "{}"));
    EXPECT_EQ(value(built(s24), "punkt-signature-next"), "");
}

TEST_F(DeliveryTest, a_secret_that_is_no_base64_leaves_out_the_standard_signature_only) {
    const Request request = built("whsec_test!");
    EXPECT_EQ(value(request, "webhook-signature"), "");
    EXPECT_NE(value(request, "x-runlater-signature"), "");
}

TEST_F(DeliveryTest, tiktak_has_its_own_headers_and_qron_its_own_redirects) {
    task.surface = Surface::tiktak;
    task.foreign_id = "nightly";
    const Request tiktak = built();
    EXPECT_EQ(value(tiktak, "x-schedule-id"), "nightly");
    EXPECT_EQ(value(tiktak, "x-execution-id"), ids.uuid(IdKind::execution, 1'000));
    EXPECT_EQ(value(tiktak, "x-scheduled-for"), "2023-11-14T22:13:20.000Z");
    EXPECT_NE(value(tiktak, "user-agent").find("(TikTak)"), std::string::npos);
    task.surface = Surface::qron;
    const Request qron = built();
    EXPECT_EQ(qron.redirects_max, 5);
    EXPECT_TRUE(qron.redirect_any_method);
    EXPECT_EQ(value(qron, "accept"), "application/json, text/plain, */*");
    task.surface = Surface::native;
    EXPECT_FALSE(built().redirect_any_method);
    task.follow_redirects = true;
    EXPECT_TRUE(built().redirect_any_method);
}

TEST_F(DeliveryTest, continues_the_trace_of_its_task_with_a_span_for_each_delivery) {
    EXPECT_EQ(value(built(), "traceparent"), "");
    task.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    task.tracestate = "a=1";
    const std::string first = value(built(), "traceparent");
    EXPECT_EQ(first.substr(0, 36), "00-0af7651916cd43dd8448eb211c80319c-");
    EXPECT_EQ(first.substr(36), delivery_span_id(1'000, 1) + "-01");
    EXPECT_EQ(value(built(), "tracestate"), "a=1");
    EXPECT_NE(value(built({}, 2), "traceparent"), first);
    task.headers = {{"TraceParent", "the task's own"}};
    EXPECT_EQ(value(built(), "traceparent"), "the task's own");
}

TEST_F(DeliveryTest, the_deadline_is_the_tasks) {
    task.timeout = 12s;
    EXPECT_EQ(built().timeout, 12s);
}

// execution.md §5.1
TEST(RunlaterSignature, matches_the_contracts_vectors) {
    EXPECT_EQ(runlater_signature("whsec_test", ""),
              "sha256=43c0f4d23c8e8841358fad4624b1a592799222b29f25bb59baea43cdcb522ed1");
    EXPECT_EQ(runlater_signature("whsec_test", R"({"hello":"world"})"),
              "sha256=07ea4d7892d3dc4bae220d9930afa38c458a997b2f716a0a6159e17798be1d28");
}

// standard-webhooks.md §3, vectors A to D
TEST(StandardSignature, matches_the_contracts_vectors) {
    EXPECT_EQ(standard_signature(s24, "msg_punkt0001", 1'700'000'000,
                                 R"({"type":"task.completed","timestamp":"2023-11-14T22:13:20Z","data":{"id":"t_1"}})"),
              "v1,+rgUuPLyu3fGtV4myobeM3JGwvNG1Nj4jqWLdyfzicw=");
    EXPECT_EQ(standard_signature(s32, "msg_punkt0002", 1'700'000'000, ""),
              "v1,43/BWqjnBwDGBc5w3Ob5zDJKPoRgqH4anOc9qi+A3fw=");
    EXPECT_EQ(standard_signature(s64, "msg_punkt0003", 1'700'000'000, R"({"name":"Ünï ☃ 🚀"})"),
              "v1,n88vlwdnMlsC2WmHuAyd/AbrW1aQRIkrf9B0bqQSbxE=");
    EXPECT_EQ(standard_signature(s24, "msg_punkt0004", 1, "plain text\nwith newline\n"),
              "v1,UDXqxFB7WxigYBceu/TGEzyW3Q7KAorCMjZwXpaZtKk=");
}

TEST(StandardSignature, takes_a_secret_without_its_prefix) {
    EXPECT_EQ(standard_signature(std::string_view(s24).substr(6), "a", 1, "b"), standard_signature(s24, "a", 1, "b"));
}

}  // namespace
}  // namespace punkt
