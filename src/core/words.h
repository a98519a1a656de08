// Enumerators and their wire words, both ways.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace punkt {

template <class Enum, std::size_t N>
struct Words {
    std::pair<Enum, const char*> pairs[N];

    constexpr const char* word(Enum value) const {
        for (const auto& [candidate, text] : pairs)
            if (candidate == value) return text;
        check_failed("an enumerator without a word", std::source_location::current());
    }
    constexpr std::optional<Enum> value(std::string_view text) const {
        for (const auto& [candidate, known] : pairs)
            if (text == known) return candidate;
        return std::nullopt;
    }
};

}  // namespace punkt
