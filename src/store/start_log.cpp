#include "store/start_log.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "store/slot_file.h"

namespace punkt::store {
namespace {

/// Free while `until` is 0.
struct Slot {
    std::uint64_t scope = 0;
    std::int64_t at = 0;
    std::int64_t until = 0;
};
constexpr SlotFile::Form form{.magic = 0x0031'7374'7261'7473,  // "starts1"
                              .slot_bytes = sizeof(Slot),
                              .slots_first = 2'731,     // 64 KiB
                              .slots_max = 1'048'576};  // 24 MiB
constexpr std::size_t looked_at_max = 64;               // places for one start

}  // namespace

struct StartLog::Impl {
    bool grow(std::size_t count);
    std::size_t place_for(std::int64_t now);
    Slot* slots() const { return file.slots<Slot>(); }

    SlotFile file;
    std::size_t next = 1;
};

bool StartLog::Impl::grow(std::size_t count) {
    const std::size_t before = file.count();
    if (!file.grow(count)) return false;
    next = before;
    return true;
}

/// Nearly always the next one: most starts have the same period, and what is oldest is over first. Where many stand
/// that still count they are skipped, and only when few places are free the file grows.
std::size_t StartLog::Impl::place_for(std::int64_t now) {
    const std::size_t count = file.count();
    const auto following = [this] { return std::exchange(next, next + 1 < file.count() ? next + 1 : 1); };
    for (std::size_t looked_at = 0; looked_at < looked_at_max; ++looked_at)
        if (const std::size_t place = following(); slots()[place].until <= now) return place;
    const auto free = static_cast<std::size_t>(
        std::count_if(slots() + 1, slots() + count, [now](const Slot& slot) { return slot.until <= now; }));
    if (free < count / 4 && count < form.slots_max && grow(std::min(form.slots_max, count * 2))) return following();
    if (free == 0) return following();
    while (slots()[next].until > now) following();
    return following();
}

Result<StartLog> StartLog::open(const std::string& path) {
    auto file = SlotFile::open(path, form);
    if (!file) return file.error();
    if (file->count() == 0) log::warn("{}: no room; rates will not be kept across a restart", path);
    return StartLog(std::make_unique<Impl>(Impl{.file = std::move(*file)}));
}

void StartLog::note(const RateStart& start) {
    Impl& impl = *impl_;
    if (impl.file.count() == 0) return;
    const std::size_t place = impl.place_for(to_ms(start.at));  // may move the slots
    Slot& slot = impl.slots()[place];
    store_in_slot(slot.until, 0);
    slot.scope = start.scope;
    store_in_slot(slot.at, to_ms(start.at));
    store_in_slot(slot.until, to_ms(start.until));
}

std::vector<RateStart> StartLog::noted() const {
    std::vector<RateStart> found;
    for (std::size_t i = 1; i < impl_->file.count(); ++i)
        if (const Slot& slot = impl_->slots()[i]; slot.until != 0)
            found.push_back({slot.scope, from_ms(slot.at), from_ms(slot.until)});
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return found;
}

StartLog::StartLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StartLog::StartLog(StartLog&&) noexcept = default;
StartLog& StartLog::operator=(StartLog&&) noexcept = default;
StartLog::~StartLog() = default;

}  // namespace punkt::store
