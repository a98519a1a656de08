#include "tests/wire/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/id.h"
#include "base/time_text.h"

namespace punkt::wire {
namespace {

constexpr std::string_view open = "{{", close = "}}";

/// A text cut into literals and placeholders: literal, placeholder, literal, …, literal.
std::vector<std::string_view> pieces_of(std::string_view text) {
    std::vector<std::string_view> pieces;
    while (true) {
        const auto from = text.find(open);
        const auto to = from == text.npos ? text.npos : text.find(close, from);
        if (to == text.npos) break;
        pieces.push_back(text.substr(0, from));
        pieces.push_back(text.substr(from + open.size(), to - from - open.size()));
        text.remove_prefix(to + close.size());
    }
    pieces.push_back(text);
    return pieces;
}

bool is_all(std::string_view text, bool (*belongs)(char)) {
    return !text.empty() && std::all_of(text.begin(), text.end(), belongs);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_url_safe(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool is_uuid(std::string_view text, char version) {
    return looks_like_uuid(text) && text[14] == version &&
           std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_uuid_v7(std::string_view text) { return is_uuid(text, '7'); }
bool is_time(std::string_view text) { return text.size() == 20 && text.back() == 'Z' && parse_rfc3339(text); }
bool is_time_ms(std::string_view text) { return text.size() == 24 && text.back() == 'Z' && parse_rfc3339(text); }
bool is_number(std::string_view text) { return is_all(text, is_digit); }
bool is_text(std::string_view text) { return !text.empty(); }

bool is_key_id(std::string_view text) {
    return text.size() == 32 && text.starts_with("pk_live_") && is_all(text.substr(8), is_url_safe);
}
bool is_secret(std::string_view text) {
    return text.size() == 40 && text.starts_with("sk_live_") && is_all(text.substr(8), is_url_safe);
}
bool is_key(std::string_view text) {
    return text.size() == 73 && text[32] == '.' && is_key_id(text.substr(0, 32)) && is_secret(text.substr(33));
}
bool is_single_key(std::string_view text) { return text.starts_with("sk_live_") && is_uuid(text.substr(8), '4'); }
bool is_webhook_secret(std::string_view text) {
    return text.size() == 54 && text.starts_with("whsec_") && is_all(text.substr(6), is_lower_hex);
}
bool is_decimal(std::string_view text) {
    return is_all(text, [](char c) { return is_digit(c) || c == '.'; });
}

struct Form {
    std::string_view name;
    bool (*matches)(std::string_view);
};
/// The more special first: a draft takes the first that fits.
constexpr std::array forms{Form{"uuid", is_uuid_v7},    Form{"time", is_time},
                           Form{"time_ms", is_time_ms}, Form{"key", is_key},
                           Form{"key_id", is_key_id},   Form{"single_key", is_single_key},
                           Form{"secret", is_secret},   Form{"webhook_secret", is_webhook_secret},
                           Form{"number", is_number},   Form{"decimal", is_decimal},
                           Form{"text", is_text},       Form{"any", [](std::string_view) { return true; }}};
constexpr std::size_t forms_of_drafts = 8;

const Form* find_form(std::string_view name) {
    const auto* const found =
        std::find_if(forms.begin(), forms.end(), [&](const Form& form) { return form.name == name; });
    return found == forms.end() ? nullptr : found;
}

/// "+90s", "-5m", "": what follows "now". Nothing when it is none of these.
std::optional<Milliseconds> read_offset(std::string_view text) {
    if (text.empty()) return Milliseconds{0};
    const auto duration = parse_duration(text.substr(1));
    if (!duration || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    return text[0] == '+' ? *duration : -*duration;
}

/// "x*3000"
std::optional<std::string> repeated(std::string_view placeholder) {
    std::size_t count = 0;
    if (placeholder.size() < 3 || placeholder[1] != '*') return std::nullopt;
    const auto [end, problem] = std::from_chars(placeholder.data() + 2, placeholder.data() + placeholder.size(), count);
    if (problem != std::errc{} || end != placeholder.data() + placeholder.size()) return std::nullopt;
    return std::string(count, placeholder[0]);
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

}  // namespace

bool is_placeholder(std::string_view text) {
    return text.starts_with(open) && text.ends_with(close) && text.find(close) == text.size() - close.size();
}

Result<std::string> Memory::fill(std::string_view text, Timestamp now) const {
    const auto pieces = pieces_of(text);
    std::string out(pieces[0]);
    for (std::size_t i = 1; i < pieces.size(); i += 2) {
        const std::string_view name = pieces[i];
        if (const auto known = values_.find(name); known != values_.end()) {
            out += known->second;
        } else if (const auto letters = repeated(name)) {
            out += *letters;
        } else if (name.starts_with("now") && read_offset(name.substr(3))) {
            out += to_text_seconds(now + *read_offset(name.substr(3)));
        } else if (name.starts_with("epoch") && read_offset(name.substr(5))) {
            out += fmt::format("{}", to_ms(now + *read_offset(name.substr(5))));
        } else {
            return Error{ErrorKind::invalid, fmt::format("nothing is known by the name {{{{{}}}}} here", name)};
        }
        out += pieces[i + 1];
    }
    return out;
}

bool Memory::matches(std::string_view pattern, std::string_view actual) {
    const auto pieces = pieces_of(pattern);
    if (!actual.starts_with(pieces[0])) return false;
    actual.remove_prefix(pieces[0].size());
    for (std::size_t i = 1; i < pieces.size(); i += 2) {
        const std::string_view literal = pieces[i + 1];
        const bool is_last = i + 2 == pieces.size();
        const auto end = literal.empty() ? actual.size()
                         : is_last       ? (actual.ends_with(literal) ? actual.size() - literal.size() : actual.npos)
                                         : actual.find(literal);
        if (end == actual.npos || !matches_one(pieces[i], actual.substr(0, end))) return false;
        actual.remove_prefix(end + literal.size());
    }
    return actual.empty();
}

bool Memory::matches_one(std::string_view placeholder, std::string_view value) {
    if (const auto known = values_.find(placeholder); known != values_.end()) return known->second == value;
    if (placeholder.starts_with("now")) return is_in_window(placeholder.substr(3), value);
    const auto colon = placeholder.find(':');
    const Form* const form = find_form(placeholder.substr(0, colon));
    if (form == nullptr || !form->matches(value)) return false;
    if (colon == placeholder.npos) return true;
    const auto [kept, is_new] = values_.emplace(std::string(placeholder.substr(colon + 1)), std::string(value));
    return is_new || kept->second == value;
}

bool Memory::is_in_window(std::string_view offset_text, std::string_view value) const {
    const auto offset = read_offset(offset_text);
    const auto at = parse_rfc3339(value);
    if (!offset || !at) return false;
    // Whole seconds are cut, so the answer may name the beginning of the second.
    const auto from = is_time(value) ? std::chrono::floor<std::chrono::seconds>(from_ + *offset) : from_ + *offset;
    return *at >= from && *at <= to_ + *offset;
}

std::string Memory::drafted(std::string_view text) const {
    // Equal times are mostly chance.
    for (const auto& [name, value] : values_)
        if (value == text && value.size() >= 8 && !parse_rfc3339(value)) return fmt::format("{{{{{}}}}}", name);
    if (makes_times_ && is_in_window("", text)) return "{{now}}";
    // What is days away is no matter of this run.
    if (const auto at = parse_rfc3339(text);
        at && (*at > to_ + std::chrono::days{2} || *at < from_ - std::chrono::days{2}))
        return std::string(text);
    for (std::size_t i = 0; i < forms_of_drafts; ++i)
        if (forms[i].matches(text)) return fmt::format("{{{{{}}}}}", forms[i].name);
    std::string out(text);
    for (const auto& [name, value] : values_)
        if (value.size() >= 8) replace_all(out, value, fmt::format("{{{{{}}}}}", name));
    return out;
}

}  // namespace punkt::wire
