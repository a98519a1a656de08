// punkt key create|list|revoke: through the API of a running server, or on the data directory when none runs there.
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "app/cli_api.h"
#include "app/cli_context.h"
#include "app/text_table.h"
#include "base/time_text.h"
#include "rooms/accounts/account_store.h"
#include "rooms/accounts/accounts.h"
#include "rooms/accounts/key_audit.h"
#include "store/data_folder.h"

namespace punkt::app {
namespace {

constexpr const char* this_actor = "command line";  // in the audit log

struct KeyArguments {
    std::string name = "command line";
    std::string client = {};
    std::string id = {};
};

/// What one verb does on an open data directory. Answers its data as JSON.
using Directly = std::function<Result<std::string>(store::DataFolder& folder, db::Connection& connection)>;

/// The data directory is there and no server has it open. Nothing when one has, or when another place was named.
std::optional<store::DataFolder> free_folder(const CliContext& context, const Config& config) {
    if (!context.url.empty() || !context.environment("PUNKT_URL").empty()) return std::nullopt;
    if (::access(store::DataFolder::database_path(config.data.directory).c_str(), F_OK) != 0) return std::nullopt;
    auto folder = store::DataFolder::open(config.data.directory, SystemClock().now());
    return folder ? std::optional(std::move(*folder)) : std::nullopt;
}

int run_directly(const CliContext& context, store::DataFolder& folder, const Directly& work,
                 const std::function<std::string(json::Value)>& as_text) {
    db::Connection connection = folder.take_writing();
    auto answer = work(folder, connection);
    if (!answer)
        return context.fail(answer.error(),
                            answer.error().kind == ErrorKind::not_found ? exit_code::failed : exit_code::internal);
    auto document = json::Document::parse(*answer);
    if (!document) return context.fail(document.error(), exit_code::internal);
    fmt::print(context.terminal.out, "{}", context.is_json() ? *answer + "\n" : as_text(document->root()));
    return exit_code::ok;
}

void write_key(json::Writer& writer, const PublicIds& ids, const accounts::ApiKey& key, const std::string& client) {
    writer.key("id").string(ids.uuid(IdKind::api_key, key.id));
    writer.key("client").string(client);
    writer.key("name").string(key.name);
    writer.key("key_id").string(key.key_id);
    writer.key("inserted_at").string(to_text_seconds(key.created_at));
    writer.key("last_used_at");
    key.last_used_at ? writer.string(to_text_seconds(*key.last_used_at)) : writer.null();
    writer.key("revoked_at");
    key.revoked_at ? writer.string(to_text_seconds(*key.revoked_at)) : writer.null();
}

Result<std::string> create_directly(const KeyArguments& arguments, store::DataFolder& folder,
                                    db::Connection& connection) {
    auto greatest_key = accounts::greatest_id(connection);
    if (!greatest_key) return greatest_key.error();
    IdMaker ids(std::max(folder.greatest_id(), *greatest_key));
    const PublicIds public_ids(folder.public_id_key());
    const Timestamp now = SystemClock().now();
    auto issued =
        accounts::issue_directly(connection, ids, now, arguments.client, accounts::KeyKind::pair, arguments.name,
                                 accounts::key_note(this_actor, now, "api_key_created", public_ids));
    if (!issued) return issued.error();
    json::Writer writer;
    writer.begin_object().key("data").begin_object();
    write_key(writer, public_ids, issued->key.key, issued->organization.name);
    writer.key("key").string(issued->key.presented()).end_object().end_object();
    return writer.take();
}

Result<std::string> list_directly(store::DataFolder& folder, db::Connection& connection) {
    auto keys = accounts::list_keys(connection, 0);
    if (!keys) return keys.error();
    const PublicIds public_ids(folder.public_id_key());
    json::Writer writer;
    writer.begin_object().key("data").begin_array();
    for (const auto& key : *keys) {
        auto organization = store::find_organization(connection, key.organization);
        if (!organization) return organization.error();
        writer.begin_object();
        write_key(writer, public_ids, key, *organization ? (*organization)->name : "");
        writer.end_object();
    }
    writer.end_array().end_object();
    return writer.take();
}

Result<std::string> revoke_directly(const std::string& text, store::DataFolder& folder, db::Connection& connection) {
    const Error unknown{ErrorKind::not_found, fmt::format("there is no key {}", text)};
    const PublicIds ids(folder.public_id_key());
    const auto id = ids.parse(IdKind::api_key, text);
    if (!id) return unknown;
    const Timestamp now = SystemClock().now();
    auto revoked =
        accounts::revoke_directly(connection, *id, now, accounts::key_note(this_actor, now, "api_key_deleted", ids));
    if (!revoked) return revoked.error().kind == ErrorKind::not_found ? unknown : revoked.error();
    return std::string(R"({"message":"key revoked"})");
}

/// An object in "data", or at the top as Qron's routes have it.
std::string any_object_text(json::Value answer) {
    return object_text(answer["data"].exists() ? answer["data"] : answer);
}

std::string any_list_text(json::Value answer) {
    if (answer["data"].exists())
        return list_text(answer["data"], {"id", "name", "key_id", "inserted_at", "last_used_at", "revoked_at"});
    return list_text(answer, {"id", "client", "isActive", "createdAt", "lastUsedAt"});
}

int create(const CliContext& context, const KeyArguments& arguments) {
    auto config = context.configuration();
    if (!config) return context.fail(config.error(), exit_code::config);
    if (auto folder = free_folder(context, *config))
        return run_directly(
            context, *folder,
            [&](store::DataFolder& open, db::Connection& connection) {
                return create_directly(arguments, open, connection);
            },
            any_object_text);
    const bool is_master = !config->master_key.empty();
    if (!arguments.client.empty() && !is_master)
        return context.fail(
            {ErrorKind::invalid, "--client needs the master key while the server runs: PUNKT_MASTER_KEY"});
    json::Writer writer;
    writer.begin_object();
    // The master key has a client's route; without a client the key is for its own organization.
    const bool for_client = !arguments.client.empty();
    writer.key(for_client ? "client" : "name").string(for_client ? arguments.client : arguments.name).end_object();
    return run_api_command(context, *config, is_master ? config->master_key : client_key(context, *config),
                           {.method = Method::post,
                            .path = for_client ? "/auth/keys" : "/api/v1/keys",
                            .json = writer.take(),
                            .as_text = any_object_text});
}

int list(const CliContext& context) {
    auto config = context.configuration();
    if (!config) return context.fail(config.error(), exit_code::config);
    if (auto folder = free_folder(context, *config))
        return run_directly(context, *folder, list_directly, any_list_text);
    const bool is_master = !config->master_key.empty();
    return run_api_command(context, *config, is_master ? config->master_key : client_key(context, *config),
                           {.path = is_master ? "/auth/keys" : "/api/v1/keys", .as_text = any_list_text});
}

int revoke(const CliContext& context, const KeyArguments& arguments) {
    auto config = context.configuration();
    if (!config) return context.fail(config.error(), exit_code::config);
    if (auto folder = free_folder(context, *config))
        return run_directly(
            context, *folder,
            [&](store::DataFolder& open, db::Connection& connection) {
                return revoke_directly(arguments.id, open, connection);
            },
            message_text);
    const bool is_master = !config->master_key.empty();
    return run_api_command(context, *config, is_master ? config->master_key : client_key(context, *config),
                           {.method = Method::delete_,
                            .path = (is_master ? "/auth/keys/" : "/api/v1/keys/") + percent_encoded(arguments.id),
                            .as_text = message_text});
}

}  // namespace

void add_key_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("key",
                                     "Create, list and revoke keys: with the master key or the own one through the "
                                     "server, or on the data directory when no server has it open.");
    noun->require_subcommand(1)->fallthrough();
    const auto arguments = std::make_shared<KeyArguments>();
    auto* made = noun->add_subcommand("create", "Create a key and print it; its secret is shown only now.");
    made->fallthrough();
    made->add_option("--name", arguments->name, "Name in lists.")->type_name("TEXT");
    made->add_option("--client", arguments->client, "Organization that the key is for, made when it is new.")
        ->type_name("NAME");
    add_server_flags(*made, context);
    made->callback(
        [&context, arguments] { context.command = [&context, arguments] { return create(context, *arguments); }; });

    auto* listed = noun->add_subcommand("list", "List keys.");
    listed->fallthrough();
    add_server_flags(*listed, context);
    listed->callback([&context] { context.command = [&context] { return list(context); }; });

    auto* revoked = noun->add_subcommand("revoke", "Revoke a key at once.");
    revoked->fallthrough();
    revoked->add_option("id", arguments->id, "Id of the key.")->required()->type_name("ID");
    add_server_flags(*revoked, context);
    revoked->callback(
        [&context, arguments] { context.command = [&context, arguments] { return revoke(context, *arguments); }; });
}

}  // namespace punkt::app
