#include "app/doctor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/x509.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/clock.h"
#include "base/time_text.h"
#include "core/time_zone.h"
#include "db/connection.h"
#include "db/migrate.h"
#include "store/data_folder.h"

namespace punkt::app {
namespace {

using Level = Finding::Level;

constexpr int sqlite_version_min = 3'051'003;  // sqlite.org/wal.html: a race that can corrupt the file, fixed there
constexpr std::uint64_t free_bytes_wise = 1ULL << 30, free_bytes_min = 64ULL << 20;
constexpr std::uint64_t open_files_wise = 4'096;
constexpr std::int64_t year_2026_ms = 1'767'225'600'000;  // before it the clock is certainly wrong
constexpr std::int64_t future_tolerated_ms = 60'000;

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Finding data_directory(const std::string& path) {
    const char* what = "data directory";
    if (!exists(path)) return {Level::ok, what, fmt::format("{} is not there yet; the first start makes it", path)};
    const std::string probe = fmt::format("{}/.doctor-{}", path, ::getpid());
    const int file = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0)
        return {
            Level::fail, what,
            fmt::format("{} cannot be written: {}. Give it to the user that runs Punkt", path, std::strerror(errno))};
    ::close(file);
    ::unlink(probe.c_str());
    return {Level::ok, what, fmt::format("{} can be written", path)};
}

Finding free_space(const std::string& path) {
    struct statvfs space = {};
    std::string nearest = path;
    while (!exists(nearest) && nearest != "/" && !nearest.empty())
        nearest = std::filesystem::absolute(nearest).parent_path().string();
    if (::statvfs(nearest.c_str(), &space) != 0)
        return {Level::warn, "free space", fmt::format("{} cannot be asked: {}", nearest, std::strerror(errno))};
    const std::uint64_t bytes = std::uint64_t{space.f_bavail} * space.f_frsize;
    const std::string text = fmt::format("{} MB beside {}", bytes >> 20, path);
    if (bytes < free_bytes_min) return {Level::fail, "free space", text + ". Make room: new tasks would be refused"};
    if (bytes < free_bytes_wise) return {Level::warn, "free space", text + ". Plan for at least 1 GB"};
    return {Level::ok, "free space", text};
}

Finding sqlite_version() {
    if (sqlite3_libversion_number() >= sqlite_version_min) return {Level::ok, "SQLite", sqlite3_libversion()};
    return {Level::fail, "SQLite",
            fmt::format("{} can corrupt a database; build against 3.51.3 or newer", sqlite3_libversion())};
}

Finding database(const std::string& folder) {
    const std::string path = store::DataFolder::database_path(folder);
    if (!exists(path)) return {Level::ok, "database", "none yet; the first start makes it"};
    auto opened = db::Connection::open({.path = path}, db::Access::read);
    if (!opened)
        return {Level::fail, "database", opened.error().message + ". If it is damaged: punkt restore a backup"};
    auto version = db::schema_version(*opened);
    if (!version) return {Level::fail, "database", version.error().message};
    if (auto fine = db::refuse_newer(*version); !fine) return {Level::fail, "database", fine.error().message};
    std::string answer;
    auto checked = opened->query("PRAGMA quick_check(1)", {}, [&](const db::Row& row) { answer = row.string(0); });
    if (!checked) return {Level::fail, "database", checked.error().message};
    if (answer != "ok")
        return {Level::fail, "database",
                fmt::format("{} is damaged: {}. Stop Punkt and `punkt restore` a backup", path, answer)};
    return {Level::ok, "database", fmt::format("{} is sound, schema {}", path, *version)};
}

/// The database was written last in the past, or the clock has been set back.
Finding clock(const std::string& folder) {
    const Timestamp now = SystemClock().now();
    if (to_ms(now) < year_2026_ms)
        return {Level::fail, "clock",
                fmt::format("{} is long past; set the clock (timedatectl)", to_text_seconds(now))};
    struct stat about = {};
    if (::stat(store::DataFolder::database_path(folder).c_str(), &about) == 0 &&
        std::int64_t{about.st_mtim.tv_sec} * 1000 > to_ms(now) + future_tolerated_ms)
        return {Level::warn, "clock",
                fmt::format("{}, but the database was written at {}; set the clock (timedatectl)", to_text_seconds(now),
                            to_text_seconds(from_ms(std::int64_t{about.st_mtim.tv_sec} * 1000)))};
    return {Level::ok, "clock", to_text_seconds(now)};
}

Finding time_zones() {
    auto zone = TimeZone::find("Europe/Oslo");
    if (!zone)
        return {Level::fail, "time zones",
                "the database of time zones is missing: apt-get install tzdata (" + zone.error().message + ")"};
    return {Level::ok, "time zones", "known"};
}

Finding certificates(const std::string& configured) {
    std::vector<std::string> places = {configured};
    if (configured.empty()) places = {X509_get_default_cert_file(), "/etc/ssl/certs/ca-certificates.crt"};
    for (const auto& place : places)
        if (::access(place.c_str(), R_OK) == 0) return {Level::ok, "certificates", place};
    if (!configured.empty())
        return {Level::fail, "certificates", fmt::format("client.ca_file {} cannot be read", configured)};
    return {Level::warn, "certificates",
            "none found, so https targets will be refused: apt-get install ca-certificates, or set client.ca_file"};
}

Finding open_files() {
    rlimit limit = {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {Level::warn, "open files", std::strerror(errno)};
    const std::string text = fmt::format("at most {}", limit.rlim_max);
    if (limit.rlim_max >= open_files_wise) return {Level::ok, "open files", text};
    return {Level::warn, "open files",
            text + "; each connection takes one. Raise it: ulimit -n, or LimitNOFILE= of systemd"};
}

}  // namespace

const char* word(Finding::Level level) {
    switch (level) {
        case Level::ok:
            return "ok";
        case Level::warn:
            return "warn";
        case Level::fail:
            return "fail";
    }
    return "fail";
}

std::vector<Finding> examine_machine(const Config& config) {
    const std::string& folder = config.data.directory;
    return {data_directory(folder),
            free_space(folder),
            sqlite_version(),
            database(folder),
            clock(folder),
            time_zones(),
            certificates(config.client.ca_file),
            open_files()};
}

}  // namespace punkt::app
