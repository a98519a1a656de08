// The command line: `punkt <noun> <verb>`. Data goes to stdout, everything else to stderr.
#pragma once

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace punkt::app {

/// Exit codes; scripts rely on them. From 64 on they are those of sysexits.h.
namespace exit_code {
constexpr int ok = 0;
constexpr int failed = 1;        // the server or the data said no: unknown id, invalid expression, a failed check
constexpr int usage = 2;         // unknown command or flag, missing argument
constexpr int changes = 2;       // of `punkt plan`: apply would change something
constexpr int unreachable = 69;  // no server answers
constexpr int internal = 70;     // the disk or the database failed
constexpr int config = 78;       // the configuration is wrong
}  // namespace exit_code

/// Where a command reads and writes. The tests bring their own.
struct Terminal {
    std::ostream& out;
    std::ostream& err;
    std::vector<std::pair<std::string, std::string>> environment = {};
};

/// Runs one command. `arguments` without the program's name. Returns an exit code.
int run_cli(std::vector<std::string> arguments, Terminal terminal);

}  // namespace punkt::app
