#include "core/task.h"

#include <array>
#include <string_view>

#include "core/words.h"

namespace punkt {
namespace {

constexpr Words<Method, 7> methods{{{Method::get, "GET"},
                                    {Method::post, "POST"},
                                    {Method::put, "PUT"},
                                    {Method::patch, "PATCH"},
                                    {Method::delete_, "DELETE"},
                                    {Method::head, "HEAD"},
                                    {Method::options, "OPTIONS"}}};
constexpr Words<TaskKind, 2> kinds{{{TaskKind::once, "once"}, {TaskKind::cron, "cron"}}};
constexpr Words<CronDialect, 2> dialects{{{CronDialect::classic, "classic"}, {CronDialect::and_, "and"}}};
constexpr Words<CatchUp, 3> catch_ups{
    {{CatchUp::skip, "skip"}, {CatchUp::run_latest, "run_latest"}, {CatchUp::run_all, "run_all"}}};
constexpr Words<Overlap, 3> overlaps{{{Overlap::allow, "allow"}, {Overlap::skip, "skip"}, {Overlap::queue, "queue"}}};
constexpr Words<Surface, 4> surfaces{
    {{Surface::native, "native"}, {Surface::qron, "qron"}, {Surface::tiktak, "tiktak"}, {Surface::system, "system"}}};
constexpr Words<Purpose, 6> purposes{{{Purpose::user, "user"},
                                      {Purpose::callback, "callback"},
                                      {Purpose::on_failure, "on_failure"},
                                      {Purpose::on_recovery, "on_recovery"},
                                      {Purpose::notice, "notice"},
                                      {Purpose::event, "event"}}};
using Strategy = RetryPolicy::Strategy;
constexpr Words<Strategy, 6> strategies{{{Strategy::standard, "standard"},
                                         {Strategy::exponential, "exponential"},
                                         {Strategy::linear, "linear"},
                                         {Strategy::fixed, "fixed"},
                                         {Strategy::ladder, "ladder"},
                                         {Strategy::qron, "qron"}}};

}  // namespace

bool RetryPolicy::operator==(const RetryPolicy& other) const {
    return strategy == other.strategy && initial == other.initial && factor == other.factor && max == other.max &&
           ladder == other.ladder && jitter == other.jitter && on.transport == other.on.transport &&
           on.timeout == other.on.timeout && on.statuses == other.on.statuses && on.assertion == other.on.assertion;
}

const char* word(Method value) { return methods.word(value); }
const char* word(TaskKind value) { return kinds.word(value); }
const char* word(CronDialect value) { return dialects.word(value); }
const char* word(CatchUp value) { return catch_ups.word(value); }
const char* word(Overlap value) { return overlaps.word(value); }
const char* word(Surface value) { return surfaces.word(value); }
const char* word(Purpose value) { return purposes.word(value); }
const char* word(Strategy value) { return strategies.word(value); }
std::optional<Method> method_from(std::string_view text) { return methods.value(text); }
std::optional<TaskKind> task_kind_from(std::string_view text) { return kinds.value(text); }
std::optional<CronDialect> cron_dialect_from(std::string_view text) { return dialects.value(text); }
std::optional<CatchUp> catch_up_from(std::string_view text) { return catch_ups.value(text); }
std::optional<Overlap> overlap_from(std::string_view text) { return overlaps.value(text); }
std::optional<Surface> surface_from(std::string_view text) { return surfaces.value(text); }
std::optional<Purpose> purpose_from(std::string_view text) { return purposes.value(text); }
std::optional<Strategy> retry_strategy_from(std::string_view text) { return strategies.value(text); }

}  // namespace punkt
