#include "store/start_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace punkt::store {
namespace {

/// Free while `until` is 0. The file is an array of these; the first holds `magic`.
struct Slot {
    std::uint64_t scope = 0;
    std::int64_t at = 0;
    std::int64_t until = 0;
};
constexpr std::uint64_t magic = 0x0031'7374'7261'7473;  // "starts1"

constexpr std::size_t slots_first = 2'731;    // 64 KiB
constexpr std::size_t slots_max = 1'048'576;  // 24 MiB
constexpr std::size_t looked_at_max = 64;     // places for one start

void store(std::int64_t& place, std::int64_t value) {
    // Release: a process that is killed between two stores leaves the earlier one.
    std::atomic_ref(place).store(value, std::memory_order_release);
}

}  // namespace

struct StartLog::Impl {
    ~Impl() {
        if (slots) ::munmap(slots, count * sizeof(Slot));
        if (file >= 0) ::close(file);
    }
    bool grow(std::size_t new_count);
    std::size_t place_for(std::int64_t now);

    int file = -1;
    Slot* slots = nullptr;
    std::size_t count = 0;
    std::size_t next = 1;
};

/// False when there is no room. The blocks are allocated first: writing into a hole of a full disk would be a SIGBUS.
bool StartLog::Impl::grow(std::size_t new_count) {
    const auto bytes = static_cast<off_t>(new_count * sizeof(Slot));
    if (new_count > slots_max || ::posix_fallocate(file, 0, bytes) != 0) return false;
    void* mapped = slots ? ::mremap(slots, count * sizeof(Slot), new_count * sizeof(Slot), MREMAP_MAYMOVE)
                         : ::mmap(nullptr, new_count * sizeof(Slot), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) return false;
    slots = static_cast<Slot*>(mapped);
    next = std::max<std::size_t>(count, 1);
    count = new_count;
    return true;
}

/// Nearly always the next one: most starts have the same period, and what is oldest is over first. Where many stand
/// that still count they are skipped, and only when few places are free the file grows.
std::size_t StartLog::Impl::place_for(std::int64_t now) {
    const auto following = [this] { return std::exchange(next, next + 1 < count ? next + 1 : 1); };
    for (std::size_t looked_at = 0; looked_at < looked_at_max; ++looked_at)
        if (const std::size_t place = following(); slots[place].until <= now) return place;
    const auto free = static_cast<std::size_t>(
        std::count_if(slots + 1, slots + count, [now](const Slot& slot) { return slot.until <= now; }));
    if (free < count / 4 && count < slots_max && grow(std::min(slots_max, count * 2))) return following();
    if (free == 0) return following();
    while (slots[next].until > now) following();
    return following();
}

Result<StartLog> StartLog::open(const std::string& path) {
    auto impl = std::make_unique<Impl>();
    impl->file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat status {};
    if (impl->file < 0 || ::fstat(impl->file, &status) != 0)
        return Error{.message = fmt::format("{} cannot be opened: {}", path, std::strerror(errno))};
    std::uint64_t found = 0;
    const bool ours = ::pread(impl->file, &found, sizeof found, 0) == sizeof found && found == magic;
    if (!ours && ::ftruncate(impl->file, 0) != 0)
        return Error{.message = fmt::format("{} cannot be emptied: {}", path, std::strerror(errno))};
    const std::size_t stored = ours ? static_cast<std::size_t>(status.st_size) / sizeof(Slot) : 0;
    if (!impl->grow(std::clamp(stored, slots_first, slots_max))) {
        log::warn("{}: no room; rates will not be kept across a restart", path);
        return StartLog(std::move(impl));
    }
    impl->slots[0].scope = magic;
    return StartLog(std::move(impl));
}

void StartLog::note(const RateStart& start) {
    Impl& impl = *impl_;
    if (impl.count == 0) return;
    const std::size_t place = impl.place_for(to_ms(start.at));  // may move the slots
    Slot& slot = impl.slots[place];
    store(slot.until, 0);
    slot.scope = start.scope;
    store(slot.at, to_ms(start.at));
    store(slot.until, to_ms(start.until));
}

std::vector<RateStart> StartLog::noted() const {
    std::vector<RateStart> found;
    for (std::size_t i = 1; i < impl_->count; ++i)
        if (const Slot& slot = impl_->slots[i]; slot.until != 0)
            found.push_back({slot.scope, from_ms(slot.at), from_ms(slot.until)});
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return found;
}

StartLog::StartLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StartLog::StartLog(StartLog&&) noexcept = default;
StartLog& StartLog::operator=(StartLog&&) noexcept = default;
StartLog::~StartLog() = default;

}  // namespace punkt::store
