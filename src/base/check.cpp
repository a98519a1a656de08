#include "base/check.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace punkt {

void check_failed(std::string_view why, const std::source_location& where) {
    fmt::print(stderr, "punkt: internal error, stopping: {} ({}:{})\n", why, where.file_name(), where.line());
    std::fflush(stderr);
    std::abort();
}

}  // namespace punkt
