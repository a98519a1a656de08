#include "store/flight_recorder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "base/log.h"

namespace punkt::store {
namespace {

/// Free while `execution` is 0. The file is an array of these; the first holds `magic`.
struct Slot {
    std::int64_t execution = 0;
    std::int64_t deliveries = 0;
};
constexpr std::int64_t magic = 0x0031'7468'6769'6c66;  // "flight1"

constexpr std::size_t slots_first = 4'096;    // 64 KiB
constexpr std::size_t slots_max = 1'048'576;  // 16 MiB; beyond it executions are not noted

void store(std::int64_t& place, std::int64_t value) {
    // Release: a process that is killed between two stores leaves the earlier one.
    std::atomic_ref(place).store(value, std::memory_order_release);
}

}  // namespace

struct FlightRecorder::Impl {
    ~Impl() {
        if (slots) ::munmap(slots, count * sizeof(Slot));
        if (file >= 0) ::close(file);
    }
    bool grow(std::size_t new_count);

    int file = -1;
    Slot* slots = nullptr;
    std::size_t count = 0;
    std::unordered_map<Id, std::size_t> places;
    std::vector<std::size_t> free;
};

/// False when there is no room. The blocks are allocated first: writing into a hole of a full disk would be a SIGBUS.
bool FlightRecorder::Impl::grow(std::size_t new_count) {
    const auto bytes = static_cast<off_t>(new_count * sizeof(Slot));
    if (new_count > slots_max || ::posix_fallocate(file, 0, bytes) != 0) return false;
    void* mapped = slots ? ::mremap(slots, count * sizeof(Slot), new_count * sizeof(Slot), MREMAP_MAYMOVE)
                         : ::mmap(nullptr, new_count * sizeof(Slot), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) return false;
    slots = static_cast<Slot*>(mapped);
    for (std::size_t i = new_count; i > std::max<std::size_t>(count, 1); --i) {
        const std::size_t place = i - 1;
        if (slots[place].execution == 0)
            free.push_back(place);
        else
            places.emplace(slots[place].execution, place);
    }
    count = new_count;
    return true;
}

Result<FlightRecorder> FlightRecorder::open(const std::string& path) {
    auto impl = std::make_unique<Impl>();
    impl->file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const auto failed = [&] {
        return Error{.message = fmt::format("{} cannot be opened: {}", path, std::strerror(errno))};
    };
    struct stat status {};
    if (impl->file < 0 || ::fstat(impl->file, &status) != 0) return failed();
    std::int64_t found = 0;
    const bool ours = ::pread(impl->file, &found, sizeof found, 0) == sizeof found && found == magic;
    if (!ours && ::ftruncate(impl->file, 0) != 0) return failed();
    const std::size_t stored = ours ? static_cast<std::size_t>(status.st_size) / sizeof(Slot) : 0;
    if (!impl->grow(std::clamp(stored, slots_first, slots_max))) {
        log::warn("{}: no room; repeated deliveries after a crash will not be counted", path);
        return FlightRecorder(std::move(impl));
    }
    store(impl->slots[0].execution, magic);
    return FlightRecorder(std::move(impl));
}

int FlightRecorder::started(Id execution) {
    Impl& impl = *impl_;
    if (const auto found = impl.places.find(execution); found != impl.places.end()) {
        Slot& slot = impl.slots[found->second];
        store(slot.deliveries, slot.deliveries + 1);
        return static_cast<int>(slot.deliveries);
    }
    if (impl.free.empty() && (impl.count == 0 || !impl.grow(impl.count * 2))) return 1;
    const std::size_t place = impl.free.back();
    impl.free.pop_back();
    impl.places.emplace(execution, place);
    store(impl.slots[place].deliveries, 1);
    store(impl.slots[place].execution, execution);
    return 1;
}

void FlightRecorder::ended(Id execution) {
    Impl& impl = *impl_;
    const auto found = impl.places.find(execution);
    if (found == impl.places.end()) return;
    store(impl.slots[found->second].execution, 0);
    impl.free.push_back(found->second);
    impl.places.erase(found);
}

bool FlightRecorder::has(Id execution) const { return impl_->places.contains(execution); }

void FlightRecorder::keep_only(const std::function<bool(Id)>& is_wanted) {
    std::vector<Id> unwanted;
    for (const auto& [execution, place] : impl_->places)
        if (!is_wanted(execution)) unwanted.push_back(execution);
    for (const Id execution : unwanted) ended(execution);
}

std::size_t FlightRecorder::size() const { return impl_->places.size(); }

FlightRecorder::FlightRecorder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FlightRecorder::FlightRecorder(FlightRecorder&&) noexcept = default;
FlightRecorder& FlightRecorder::operator=(FlightRecorder&&) noexcept = default;
FlightRecorder::~FlightRecorder() = default;

}  // namespace punkt::store
