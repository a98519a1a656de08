#include "store/slot_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace punkt::store {

Result<SlotFile> SlotFile::open(const std::string& path, Form form) {
    const auto failed = [&path](const char* what) {
        return Error{.message = fmt::format("{} cannot be {}: {}", path, what, std::strerror(errno))};
    };
    SlotFile opened(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), form);
    struct stat status {};
    if (opened.file_ < 0 || ::fstat(opened.file_, &status) != 0) return failed("opened");
    std::uint64_t found = 0;
    const bool ours = ::pread(opened.file_, &found, sizeof found, 0) == sizeof found && found == form.magic;
    if (!ours && ::ftruncate(opened.file_, 0) != 0) return failed("emptied");
    const std::size_t stored = ours ? static_cast<std::size_t>(status.st_size) / form.slot_bytes : 0;
    if (opened.grow(std::clamp(stored, form.slots_first, form.slots_max)))
        std::memcpy(opened.slots_, &form.magic, sizeof form.magic);
    return opened;
}

/// The blocks are allocated first: writing into a hole of a full disk would be a SIGBUS.
bool SlotFile::grow(std::size_t count) {
    const std::size_t bytes = count * form_.slot_bytes;
    if (count > form_.slots_max || ::posix_fallocate(file_, 0, static_cast<off_t>(bytes)) != 0) return false;
    void* mapped = slots_ != nullptr ? ::mremap(slots_, count_ * form_.slot_bytes, bytes, MREMAP_MAYMOVE)
                                     : ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
    if (mapped == MAP_FAILED) return false;
    slots_ = mapped;
    count_ = count;
    return true;
}

SlotFile::SlotFile(SlotFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      form_(other.form_),
      slots_(std::exchange(other.slots_, nullptr)),
      count_(std::exchange(other.count_, 0)) {}

SlotFile::~SlotFile() {
    if (slots_ != nullptr) ::munmap(slots_, count_ * form_.slot_bytes);
    if (file_ >= 0) ::close(file_);
}

}  // namespace punkt::store
