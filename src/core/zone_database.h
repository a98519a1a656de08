// The zone files of a directory, loaded when first asked for and kept. TimeZone's other half.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/tzif.h"

namespace punkt {

struct Zone {
    std::string name;
    ZoneTable table;
};

/// Threads: any.
class ZoneDatabase {
  public:
    explicit ZoneDatabase(std::filesystem::path directory) : directory_(std::move(directory)) {}

    /// The database of this machine: the first of the usual directories that exists.
    static ZoneDatabase& of_system();

    /// The zone lives as long as this object. Memory is bounded by the number of files: unknown names are not kept.
    /// Errors: as TimeZone::find.
    Result<const Zone*> find(std::string_view name);

    /// All zone names, sorted. Empty when there is no database.
    const std::vector<std::string>& names();

  private:
    Error unknown(std::string_view name);
    std::filesystem::path directory_;
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<const Zone>, std::less<>> zones_;
    std::once_flag names_listed_;
    std::vector<std::string> names_;
};

}  // namespace punkt
