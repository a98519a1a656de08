#include "app/saved_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/config_file.h"
#include "base/text.h"

namespace punkt::app {
namespace {

constexpr std::size_t key_bytes_max = 4096;

Error failure(const std::string& path) {
    const int why = errno;
    return {why == ENOSPC || why == EDQUOT ? ErrorKind::full : ErrorKind::internal,
            fmt::format("cannot write {}: {}", path, std::strerror(why))};
}

/// The whole text, on the disk. Closes `file`.
bool write_and_close(int file, const std::string& text) {
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t count = ::write(file, text.data() + written, text.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        written += static_cast<std::size_t>(count);
    }
    const bool is_safe = written == text.size() && ::fsync(file) == 0;
    const int why = errno;
    ::close(file);
    errno = why;
    return is_safe;
}

}  // namespace

std::string saved_key_path(const std::string& data_directory) { return data_directory + "/api_key"; }

Result<void> keep_first_key(const std::string& data_directory, const std::string& presented) {
    const std::string path = saved_key_path(data_directory), temporary = path + ".new";
    ::unlink(temporary.c_str());  // of a start that was interrupted; O_EXCL keeps a planted link from being followed
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) return failure(temporary);
    if (!write_and_close(file, presented + "\n") || std::rename(temporary.c_str(), path.c_str()) != 0) {
        const Error error = failure(path);
        ::unlink(temporary.c_str());
        return error;
    }
    return {};
}

std::string saved_key(const std::string& data_directory) {
    auto text = read_small_file(saved_key_path(data_directory), key_bytes_max);
    return text ? std::string(trimmed(*text)) : "";
}

}  // namespace punkt::app
