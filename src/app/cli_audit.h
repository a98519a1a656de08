// punkt audit.
#pragma once

namespace CLI {
class App;
}

namespace punkt::app {

struct CliContext;

void add_audit_commands(CLI::App& root, CliContext& context);

}  // namespace punkt::app
