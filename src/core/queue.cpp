#include "core/queue.h"

#include "core/words.h"

namespace punkt {
namespace {

constexpr Words<OnFailure, 3> reactions{
    {{OnFailure::block, "block"}, {OnFailure::park, "park"}, {OnFailure::skip, "skip"}}};

}  // namespace

const char* word(OnFailure value) { return reactions.word(value); }
std::optional<OnFailure> on_failure_from(std::string_view text) { return reactions.value(text); }

}  // namespace punkt
