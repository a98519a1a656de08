#include "tests/wire/runner.h"

#include <fmt/format.h>

#include <charconv>

#include "tests/wire/description.h"

namespace punkt::wire {
namespace {

constexpr std::string_view received_word = "RECEIVED ", count_word = "COUNT ";

class Run {
  public:
    Run(const Script& script, House& house) : script_(script), house_(house) {}

    /// The answer to a step. Errors: what the file did wrong, or that nothing came.
    Result<Message> carry_out(const Step& step) {
        const auto asked = filled(step.asked);
        if (!asked) return asked.error();
        if (asked->first.starts_with(received_word)) {
            const std::string path = asked->first.substr(received_word.size());
            auto request = house_.take_received(path);
            if (!request) return Error{ErrorKind::unavailable, fmt::format("nothing came to {} in time", path)};
            return std::move(*request);
        }
        if (asked->first.starts_with(count_word))
            return Message{.first = fmt::format("{}", house_.received_count(asked->first.substr(count_word.size())))};
        return call(step, *asked);
    }

  private:
    Result<Message> filled(Message message) const {
        const Timestamp now = house_.clock().now();
        std::vector<std::string*> parts{&message.first, &message.body};
        for (auto& [name, value] : message.headers)
            if (value != "{{absent}}") parts.push_back(&value);
        for (std::string* part : parts) {
            auto text = house_.memory().fill(*part, now);
            if (!text) return text.error();
            *part = std::move(*text);
        }
        return message;
    }

    Result<Message> call(const Step& step, const Message& asked) {
        auto answer = ask_until_right(step, asked);
        const bool is_described = answer && port_of(step) == 0 && !step.directive("undescribed");
        if (!is_described) return answer;
        const auto wrong = Description::of_this_build().mismatches(asked, *answer);
        if (wrong.empty()) return answer;
        return Error{ErrorKind::invalid,
                     fmt::format("{}\nthe answer: {} {}", fmt::join(wrong, "\n"), answer->first, answer->body)};
    }

    Result<Message> ask_until_right(const Step& step, const Message& asked) {
        const Timestamp from = house_.clock().now();
        Message answer;
        const std::uint16_t port = port_of(step);
        const auto ask = [&] {
            answer = house_.call(asked, caller_of(step), port);
            house_.memory().set_window(from, house_.clock().now(), !asked.first.starts_with("GET "));
        };
        const auto wanted = step.directive("wait");
        if (!wanted) {
            for (int left = repeats_of(step); left > 0; --left) ask();
            return answer;
        }
        const auto text = house_.memory().fill(*wanted, from);
        if (!text) return text.error();
        const bool came = until([&] {
            ask();
            return answer.body.find(*text) != std::string::npos;
        });
        if (came) return answer;
        return Error{ErrorKind::unavailable,
                     fmt::format("never answered {}; last {} {}", *text, answer.first, answer.body)};
    }

    std::string caller_of(const Step& step) const {
        if (const auto key = step.directive("key")) return *key;
        for (const Directive& directive : script_.directives)
            if (directive.name == "key") return directive.value;
        return "none";
    }

    static int repeats_of(const Step& step) {
        const auto text = step.directive("repeat").value_or("1");
        int count = 0;
        std::from_chars(text.data(), text.data() + text.size(), count);
        return count;
    }

    std::uint16_t port_of(const Step& step) const {
        if (!step.directive("port")) return 0;
        std::uint16_t port = 0;
        const std::string text = house_.memory().fill("{{tiktak_port}}", {}).value();
        std::from_chars(text.data(), text.data() + text.size(), port);
        return port;
    }

    const Script& script_;
    House& house_;
};

Result<void> script_receiver(House& house, const Directive& directive) {
    if (directive.name != "receiver" && directive.name != "elsewhere") return {};
    return house.script_receiver(directive.value, directive.name == "elsewhere");
}

Result<std::unique_ptr<House>> open_house(const Script& script) {
    std::vector<std::pair<std::string, std::string>> settings;
    for (const Directive& directive : script.directives) {
        if (directive.name != "config") continue;
        const auto equals = directive.value.find('=');
        if (equals == std::string::npos)
            return Error{ErrorKind::invalid, fmt::format("line {}: @config has the form name=value", directive.line)};
        settings.emplace_back(directive.value.substr(0, equals), directive.value.substr(equals + 1));
    }
    auto house = House::create(settings);
    if (!house) return house;
    // Those of the steps too: a task may run before the step that tells of its target.
    std::vector<Directive> directives = script.directives;
    for (const Step& step : script.steps)
        directives.insert(directives.end(), step.directives.begin(), step.directives.end());
    for (const Directive& directive : directives)
        if (auto done = script_receiver(**house, directive); !done) return done.error();
    return house;
}

}  // namespace

Outcome run_script(const Script& script, bool approve) {
    auto house = open_house(script);
    if (!house) return {.problem = house.error().message, .line = 1};
    Run run(script, **house);
    Outcome outcome;
    for (const Step& step : script.steps) {
        auto answer = run.carry_out(step);
        if (!answer)
            return {.problem = fmt::format("\"{}\": {}", step.title, answer.error().message), .line = step.line};
        const Compare compare{.contains = step.directive("contains").has_value()};
        Memory& memory = (*house)->memory();
        if (approve) {
            const Message block = approved(step.expected, *answer, memory, compare);
            // What the new block names is known from here on.
            std::ignore = difference(block, *answer, memory, compare);
            outcome.blocks.push_back(text_of(block));
            continue;
        }
        if (const auto problem = difference(step.expected, *answer, memory, compare); !problem.empty())
            return {.problem = fmt::format("\"{}\": {}\nthe whole answer: {}\n{}", step.title, problem, answer->first,
                                           answer->body),
                    .line = step.line};
    }
    return outcome;
}

}  // namespace punkt::wire
