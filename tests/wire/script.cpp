#include "tests/wire/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace punkt::wire {
namespace {

constexpr std::string_view step_mark = "###", expected_mark = "===", directive_mark = "# @";
constexpr std::array file_directives{"key", "config", "receiver", "elsewhere"};
constexpr std::array step_directives{"key",      "port",        "wait",     "repeat",
                                     "contains", "undescribed", "receiver", "elsewhere"};

std::string trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\r')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
    return std::string(text);
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// Goes through the lines once.
class Parser {
  public:
    explicit Parser(Script& script) : script_(script) {}

    Result<void> parse() {
        if (auto head = read_comments(script_.directives, file_directives); !head) return head;
        while (!is_at_end()) {
            if (auto step = read_step(); !step) return step;
        }
        return {};
    }

  private:
    bool is_at_end() const { return at_ == script_.lines.size(); }
    const std::string& line() const { return script_.lines[at_]; }
    int number() const { return static_cast<int>(at_) + 1; }
    bool is_at_mark() const {
        return is_at_end() || line().starts_with(step_mark) || line().starts_with(expected_mark);
    }
    Error error(std::string_view what) const {
        return {ErrorKind::invalid, fmt::format("{}:{}: {}", script_.path, number(), what)};
    }

    /// Prose, directives and empty lines; ends at anything else.
    template <class Known>
    Result<void> read_comments(std::vector<Directive>& directives, const Known& known) {
        for (; !is_at_end() && !line().starts_with(step_mark) && (line().empty() || line()[0] == '#'); ++at_) {
            if (!line().starts_with(directive_mark)) continue;
            const std::string text = trimmed(line().substr(directive_mark.size()));
            const auto blank = text.find(' ');
            const std::string name = text.substr(0, blank);
            if (std::find(known.begin(), known.end(), name) == known.end())
                return error(fmt::format("the directive @{} is not known here", name));
            directives.push_back({name, blank == text.npos ? "" : trimmed(text.substr(blank)), number()});
        }
        return {};
    }

    Result<void> read_step() {
        if (!line().starts_with(step_mark)) return error("a step begins with \"### title\"");
        Step step{.title = trimmed(line().substr(step_mark.size()))};
        if (step.title.empty()) return error("a step needs a title");
        ++at_;
        if (auto comments = read_comments(step.directives, step_directives); !comments) return comments;
        if (is_at_mark()) return error("the step has no request");
        step.line = number();
        if (auto asked = read_message(step.asked); !asked) return asked;
        step.expected_from = number();
        if (!is_at_end() && line().starts_with(expected_mark)) {
            if (auto expected = read_message(step.expected); !expected) return expected;
            step.expected.first = trimmed(step.expected.first.substr(expected_mark.size()));
        }
        step.expected_to = number();
        script_.steps.push_back(std::move(step));
        return {};
    }

    /// First line, headers, an empty line, the body; empty lines at the end do not count.
    Result<void> read_message(Message& message) {
        message.first = trimmed(line());
        for (++at_; !is_at_mark() && !line().empty(); ++at_) {
            const auto colon = line().find(':');
            if (colon == std::string::npos) return error("a header has the form \"name: value\"");
            message.headers.emplace_back(trimmed(line().substr(0, colon)), trimmed(line().substr(colon + 1)));
        }
        for (; !is_at_mark(); ++at_) message.body += line() + "\n";
        const auto first = message.body.find_first_not_of('\n');
        message.body.erase(0, first == std::string::npos ? message.body.size() : first);
        message.body.erase(message.body.find_last_not_of('\n') + 1);
        return {};
    }

    Script& script_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<std::string> Step::directive(std::string_view name) const {
    for (auto each = directives.rbegin(); each != directives.rend(); ++each)
        if (each->name == name) return each->value;
    return std::nullopt;
}

Result<Script> parse_script(const std::string& path, std::string_view text) {
    Script script{.path = path, .lines = lines_of(text)};
    if (auto parsed = Parser(script).parse(); !parsed) return parsed.error();
    if (script.steps.empty()) return Error{ErrorKind::invalid, fmt::format("{}: there is no step in it", path)};
    return script;
}

std::string rewritten(const Script& script, const std::vector<std::string>& blocks) {
    std::string text;
    std::size_t at = 0;
    for (std::size_t i = 0; i < script.steps.size(); ++i) {
        for (; at + 1 < static_cast<std::size_t>(script.steps[i].expected_from); ++at) text += script.lines[at] + "\n";
        if (!text.ends_with("\n\n")) text += "\n";
        text += blocks[i];
        at = static_cast<std::size_t>(script.steps[i].expected_to) - 1;
        if (i + 1 < script.steps.size()) text += "\n";
    }
    return text;
}

}  // namespace punkt::wire
