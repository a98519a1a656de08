// For commands that ask a running server: where it is, with which key, and how its answers are printed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/api_client.h"
#include "app/cli_context.h"
#include "base/json.h"

namespace punkt::app {

/// `--url`, else PUNKT_URL, else the configured address.
std::string server_url(const CliContext& context, const Config& config);
/// PUNKT_API_KEY, else the saved key, else empty.
std::string client_key(const CliContext& context, const Config& config);

/// One call, printed: with `-o json` the answer as it is, else what `as_text` makes of it.
struct ApiCommand {
    Method method = Method::get;
    std::string path;
    std::optional<std::string> json = std::nullopt;
    std::function<std::string(json::Value answer)> as_text;
    /// The exit code of an answer that is no error; without it 0.
    std::function<int(json::Value answer)> exit_code_of = {};
};
int run_api_command(const CliContext& context, ApiCommand command);
/// The same with configuration and key at hand.
int run_api_command(const CliContext& context, const Config& config, const std::string& key, ApiCommand command);

/// "?a=1&b=2" of those that are not empty.
std::string query_text(const std::vector<std::pair<std::string, std::string>>& parameters);

/// Appends the member of "name=value"; the value is JSON, or text when it is none. Errors: `invalid`.
Result<void> write_field(json::Writer& writer, const std::string& field);

/// One member a line, for a single object.
std::string object_text(json::Value object);
/// A member as a cell: texts without quotes, nothing for null.
std::string cell_text(json::Value value);
/// The rows of `list`, with these members as columns, headed by their names in upper case.
std::string list_text(json::Value list, const std::vector<std::string>& members);
/// The answer's "message".
std::string message_text(json::Value answer);

}  // namespace punkt::app
