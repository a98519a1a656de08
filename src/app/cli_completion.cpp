// punkt completion bash|zsh|fish and the reference page: both are made from the command tree, so neither can go stale.
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iterator>

#include "app/cli_context.h"

namespace punkt::app {
namespace {

/// A command with what may follow it.
struct Node {
    std::string path;  // "task create"; empty for the root
    std::string help;
    std::vector<std::string> commands;  // names of subcommands
    std::vector<const CLI::Option*> flags;
    std::vector<const CLI::Option*> arguments;
};

void collect(const CLI::App& app, const std::string& path, std::vector<Node>& nodes) {
    Node node{.path = path, .help = app.get_description()};
    for (const auto* option : app.get_options()) {
        if (option->get_group().empty()) continue;  // hidden
        (option->get_positional() ? node.arguments : node.flags).push_back(option);
    }
    for (const auto* below : app.get_subcommands(nullptr)) node.commands.push_back(below->get_name());
    nodes.push_back(std::move(node));
    for (const auto* below : app.get_subcommands(nullptr))
        collect(*below, path.empty() ? below->get_name() : path + " " + below->get_name(), nodes);
}

std::vector<Node> tree(const CLI::App& root) {
    std::vector<Node> nodes;
    collect(root, "", nodes);
    return nodes;
}

std::vector<std::string> flag_names(const CLI::Option& option) {
    std::vector<std::string> names;
    for (const auto& name : option.get_snames()) names.push_back("-" + name);
    for (const auto& name : option.get_lnames()) names.push_back("--" + name);
    return names;
}

/// Everything that may follow the words of `node`: its commands, its flags and those of the root.
std::vector<std::string> candidates(const Node& node, const Node& root) {
    std::vector<std::string> words = node.commands;
    for (const auto* flag : node.flags)
        for (auto& name : flag_names(*flag)) words.push_back(std::move(name));
    if (&node != &root)
        for (const auto* flag : root.flags)
            for (auto& name : flag_names(*flag))
                if (name != "-h" && name != "--help") words.push_back(std::move(name));
    return words;
}

/// Inside single quotes of a shell.
std::string shell_text(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
    return out;
}

// The words so far, without flags and their values, name a command; a case statement knows what follows it.
std::string bash_script(const std::vector<Node>& nodes) {
    std::string cases;
    for (const auto& node : nodes)
        fmt::format_to(std::back_inserter(cases), "        '{}') words='{}' ;;\n", node.path,
                       fmt::join(candidates(node, nodes.front()), " "));
    return fmt::format(R"(# Completion of punkt for bash. In ~/.bashrc: source <(punkt completion bash)
_punkt() {{
    local word path='' words=''
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$word" in
        -*) ;;
        *) if _punkt_is_command "${{path:+$path }}$word"; then path="${{path:+$path }}$word"; fi ;;
        esac
    done
    case "$path" in
{}    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}")
}}
_punkt_is_command() {{
    case "$1" in
        {}) return 0 ;;
    esac
    return 1
}}
complete -o default -F _punkt punkt
)",
                       cases, [&] {
                           std::vector<std::string> paths;
                           for (const auto& node : nodes)
                               if (!node.path.empty()) paths.push_back("'" + node.path + "'");
                           return fmt::format("{}", fmt::join(paths, "|"));
                       }());
}

std::string zsh_script(const std::vector<Node>& nodes) {
    return "#compdef punkt\n# Completion of punkt for zsh. In ~/.zshrc: source <(punkt completion zsh)\nautoload -U "
           "bashcompinit && bashcompinit\n" +
           bash_script(nodes);
}

std::string fish_script(const std::vector<Node>& nodes) {
    std::string out = R"(# Completion of punkt for fish. In config.fish: punkt completion fish | source
function __punkt_path
    set -l path
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; or set -a path $word
    end
    string join ' ' -- $path
end
complete -c punkt -f
)";
    for (const auto& node : nodes) {
        const std::string condition = node.path.empty()
                                          ? "test -z (__punkt_path)"
                                          : fmt::format("string match -q -- \"{}*\" (__punkt_path)", node.path);
        const std::string exactly = fmt::format("test (__punkt_path) = \"{}\"", node.path);
        for (const auto& command : node.commands) {
            const std::string path = node.path.empty() ? command : node.path + " " + command;
            for (const auto& below : nodes)
                if (below.path == path)
                    fmt::format_to(std::back_inserter(out), "complete -c punkt -n '{}' -a '{}' -d '{}'\n",
                                   node.path.empty() ? condition : exactly, command, shell_text(below.help));
        }
        for (const auto* flag : node.flags)
            for (const auto& name : flag->get_lnames())
                fmt::format_to(std::back_inserter(out), "complete -c punkt{} -l '{}'{} -d '{}'\n",
                               node.path.empty() ? "" : fmt::format(" -n '{}'", condition), name,
                               flag->get_items_expected_max() > 0 ? " -r" : "", shell_text(flag->get_description()));
    }
    return out;
}

/// A cell of a Markdown table.
std::string markdown_cell(std::string text) {
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
    return text;
}

std::string usage(const Node& node) {
    std::string out = "punkt" + (node.path.empty() ? "" : " " + node.path);
    if (!node.commands.empty()) out += " COMMAND";
    for (const auto* argument : node.arguments) {
        const std::string name = argument->get_type_name();
        out += argument->get_required() ? " " + name : " [" + name + "]";
    }
    return out;
}

}  // namespace

std::string completion_script(const CLI::App& root, std::string_view shell) {
    const auto nodes = tree(root);
    if (shell == "fish") return fish_script(nodes);
    return shell == "zsh" ? zsh_script(nodes) : bash_script(nodes);
}

std::string cli_reference(const CLI::App& root) {
    const auto nodes = tree(root);
    std::string out = fmt::format(R"(# Command line

Written by `punkt completion markdown`; a test compares. Data goes to stdout, everything else to stderr. `-o json` prints
the server's answer as it is.

| Exit code | Meaning |
|---|---|
| {} | done |
| {} | the server or the data said no: unknown id, invalid expression, a failed check |
| {} | unknown command or flag, missing argument |
| {} | no server answers |
| {} | the disk or the database failed |
| {} | the configuration is wrong |

Commands that ask a server find it by `--url`, else `PUNKT_URL`, else the configured address, and present
`PUNKT_API_KEY`, else the key that the first start left in the data directory.
)",
                                  exit_code::ok, exit_code::failed, exit_code::usage, exit_code::unreachable,
                                  exit_code::internal, exit_code::config);
    for (const auto& node : nodes) {
        fmt::format_to(std::back_inserter(out), "\n## `{}`\n\n{}\n", usage(node), node.help);
        std::string rows;
        for (const auto* argument : node.arguments)
            fmt::format_to(std::back_inserter(rows), "| `{}` | {} |\n", argument->get_type_name(),
                           markdown_cell(argument->get_description()));
        bool has_settings = false;
        for (const auto* flag : node.flags) {
            if (flag->get_group() == "Settings" && node.flags.size() > 20) {
                has_settings = true;
                continue;  // all of them, on every server command: config.md lists them
            }
            if (!node.path.empty() && flag->get_name() == "--help") continue;
            const std::string value = flag->get_items_expected_max() > 0 ? " " + flag->get_type_name() : "";
            fmt::format_to(std::back_inserter(rows), "| `{}{}` | {} |\n", fmt::join(flag_names(*flag), "`, `"),
                           markdown_cell(value), markdown_cell(flag->get_description()));
        }
        if (!rows.empty()) out += "\n| | |\n|---|---|\n" + rows;
        if (has_settings) out += "\nAnd a flag for each setting: [config.md](config.md).\n";
    }
    return out;
}

void add_completion_command(CLI::App& root, CliContext& context) {
    auto* command = root.add_subcommand("completion", "Print a completion script for a shell.");
    const auto shell = std::make_shared<std::string>();
    command->fallthrough();
    command->add_option("shell", *shell, "Which one; markdown: the reference page of the command line.")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish", "markdown"}).description(""))
        ->type_name("bash|zsh|fish|markdown");
    command->callback([&context, &root, shell] {
        context.command = [&context, &root, shell] {
            fmt::print(context.terminal.out, "{}",
                       *shell == "markdown" ? cli_reference(root) : completion_script(root, *shell));
            return exit_code::ok;
        };
    });
}

}  // namespace punkt::app
