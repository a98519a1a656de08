#include "store/flight_recorder.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "store/slot_file.h"

namespace punkt::store {
namespace {

/// Free while `execution` is 0.
struct Slot {
    std::int64_t execution = 0;
    std::int64_t deliveries = 0;
};
constexpr SlotFile::Form form{.magic = 0x0031'7468'6769'6c66,  // "flight1"
                              .slot_bytes = sizeof(Slot),
                              .slots_first = 4'096,     // 64 KiB
                              .slots_max = 1'048'576};  // 16 MiB; beyond it executions are not noted

}  // namespace

struct FlightRecorder::Impl {
    explicit Impl(SlotFile opened) : file(std::move(opened)) { take_in(1); }
    void take_in(std::size_t from);
    bool grow();
    Slot* slots() const { return file.slots<Slot>(); }

    SlotFile file;
    std::unordered_map<Id, std::size_t> places;
    std::vector<std::size_t> free;
};

/// The slots from there on: what an earlier process left, and free ones, the first on top.
void FlightRecorder::Impl::take_in(std::size_t from) {
    for (std::size_t i = file.count(); i > from; --i) {
        const std::size_t place = i - 1;
        if (slots()[place].execution == 0)
            free.push_back(place);
        else
            places.emplace(slots()[place].execution, place);
    }
}

bool FlightRecorder::Impl::grow() {
    const std::size_t before = file.count();
    if (before == 0 || !file.grow(before * 2)) return false;
    take_in(before);
    return true;
}

Result<FlightRecorder> FlightRecorder::open(const std::string& path) {
    auto file = SlotFile::open(path, form);
    if (!file) return file.error();
    if (file->count() == 0) log::warn("{}: no room; repeated deliveries after a crash will not be counted", path);
    return FlightRecorder(std::make_unique<Impl>(std::move(*file)));
}

int FlightRecorder::started(Id execution) {
    Impl& impl = *impl_;
    if (const auto found = impl.places.find(execution); found != impl.places.end()) {
        Slot& slot = impl.slots()[found->second];
        store_in_slot(slot.deliveries, slot.deliveries + 1);
        return static_cast<int>(slot.deliveries);
    }
    if (impl.free.empty() && !impl.grow()) return 1;
    const std::size_t place = impl.free.back();
    impl.free.pop_back();
    impl.places.emplace(execution, place);
    store_in_slot(impl.slots()[place].deliveries, 1);
    store_in_slot(impl.slots()[place].execution, execution);
    return 1;
}

void FlightRecorder::ended(Id execution) {
    Impl& impl = *impl_;
    const auto found = impl.places.find(execution);
    if (found == impl.places.end()) return;
    store_in_slot(impl.slots()[found->second].execution, 0);
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
