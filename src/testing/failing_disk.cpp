#include "testing/failing_disk.h"

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>

#include "base/check.h"

namespace punkt::testing {

struct FailingDisk::Impl {
    sqlite3_vfs vfs{};
    sqlite3_vfs* real = nullptr;
    std::string name;
    std::atomic<int> writes{0};
    std::atomic<int> syncs{0};
    std::atomic<int> fail_write_at{0};
    std::atomic<int> fail_sync_at{0};
    std::atomic<bool> full{false};
    std::atomic<bool> failed{false};
    std::mutex mutex;
    bool remembers = false;
    std::string reserve;
    long reserve_bytes = 0;
    std::map<std::string, bool> files;  // path; true: a synced copy exists

    bool takes_from_reserve(long bytes) {
        const std::lock_guard lock(mutex);
        if (reserve.empty() || std::filesystem::exists(reserve) || reserve_bytes < bytes) return false;
        reserve_bytes -= bytes;
        return true;
    }
};

namespace {

using Impl = FailingDisk::Impl;

/// Ours comes first; the real file follows it in the memory that SQLite gives.
struct File {
    sqlite3_file base;
    Impl* disk;
    char path[512];
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* file_of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real_of(sqlite3_file* file) { return file_of(file)->real(); }
std::string synced_copy(const std::string& path) { return path + ".synced"; }

int close_file(sqlite3_file* file) { return real_of(file)->pMethods->xClose(real_of(file)); }
int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
    return real_of(file)->pMethods->xRead(real_of(file), to, size, at);
}
int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
    Impl& disk = *file_of(file)->disk;
    if (++disk.writes == disk.fail_write_at) {
        disk.failed = true;
        return SQLITE_IOERR_WRITE;
    }
    if (disk.full) {
        sqlite3_int64 length = 0;
        real_of(file)->pMethods->xFileSize(real_of(file), &length);
        if (at + size > length && !disk.takes_from_reserve(at + size - length)) return SQLITE_FULL;
    }
    return real_of(file)->pMethods->xWrite(real_of(file), from, size, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
    File& f = *file_of(file);
    if (++f.disk->syncs == f.disk->fail_sync_at) {
        f.disk->failed = true;
        return SQLITE_IOERR_FSYNC;
    }
    const int code = real_of(file)->pMethods->xSync(real_of(file), flags);
    const std::lock_guard lock(f.disk->mutex);
    if (code == SQLITE_OK && f.disk->remembers) {
        std::filesystem::copy_file(f.path, synced_copy(f.path), std::filesystem::copy_options::overwrite_existing);
        f.disk->files[f.path] = true;
    }
    return code;
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file* file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }
int unlock_file(sqlite3_file* file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }
int check_lock(sqlite3_file* file, int* answer) {
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), answer);
}
int control_file(sqlite3_file* file, int what, void* argument) {
    return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}
int sector_size(sqlite3_file* file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
int characteristics(sqlite3_file* file) { return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)); }
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** to) {
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, to);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void barrier_shared(sqlite3_file* file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
int unmap_shared(sqlite3_file* file, int remove) { return real_of(file)->pMethods->xShmUnmap(real_of(file), remove); }

const sqlite3_io_methods methods = {.iVersion = 2,
                                    .xClose = close_file,
                                    .xRead = read_file,
                                    .xWrite = write_file,
                                    .xTruncate = truncate_file,
                                    .xSync = sync_file,
                                    .xFileSize = file_size,
                                    .xLock = lock_file,
                                    .xUnlock = unlock_file,
                                    .xCheckReservedLock = check_lock,
                                    .xFileControl = control_file,
                                    .xSectorSize = sector_size,
                                    .xDeviceCharacteristics = characteristics,
                                    .xShmMap = map_shared,
                                    .xShmLock = lock_shared,
                                    .xShmBarrier = barrier_shared,
                                    .xShmUnmap = unmap_shared};

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* flags_out) {
    auto& disk = *static_cast<Impl*>(vfs->pAppData);
    File& f = *file_of(file);
    const int code = disk.real->xOpen(disk.real, path, f.real(), flags, flags_out);
    f.base.pMethods = f.real()->pMethods ? &methods : nullptr;
    f.disk = &disk;
    f.path[0] = 0;
    if (path) {
        check(std::strlen(path) < sizeof f.path, "the path is short");
        std::strcpy(f.path, path);
        const std::lock_guard lock(disk.mutex);
        disk.files.emplace(path, false);
    }
    return code;
}
int delete_file(sqlite3_vfs* vfs, const char* path, int sync) {
    auto& disk = *static_cast<Impl*>(vfs->pAppData);
    {
        const std::lock_guard lock(disk.mutex);
        if (disk.remembers) disk.files.erase(path);
    }
    return disk.real->xDelete(disk.real, path, sync);
}

}  // namespace

FailingDisk::FailingDisk() : impl_(std::make_unique<Impl>()) {
    static std::atomic<int> count{0};
    impl_->name = "failing_disk_" + std::to_string(++count);
    impl_->real = sqlite3_vfs_find(nullptr);
    impl_->vfs = *impl_->real;
    impl_->vfs.szOsFile = static_cast<int>(sizeof(File)) + impl_->real->szOsFile;
    impl_->vfs.zName = impl_->name.c_str();
    impl_->vfs.pAppData = impl_.get();
    impl_->vfs.pNext = nullptr;
    impl_->vfs.xOpen = open_file;
    impl_->vfs.xDelete = delete_file;
    sqlite3_vfs_register(&impl_->vfs, 0);
}

FailingDisk::~FailingDisk() { sqlite3_vfs_unregister(&impl_->vfs); }

const std::string& FailingDisk::vfs() const { return impl_->name; }
void FailingDisk::fail_write(int nth) { impl_->fail_write_at = impl_->writes + nth; }
void FailingDisk::fail_sync(int nth) { impl_->fail_sync_at = impl_->syncs + nth; }
void FailingDisk::fill(const std::string& reserve, long bytes) {
    const std::lock_guard lock(impl_->mutex);
    impl_->reserve = reserve;
    impl_->reserve_bytes = bytes;
    impl_->full = true;
}
void FailingDisk::make_room() { impl_->full = false; }
void FailingDisk::heal() {
    impl_->fail_write_at = impl_->fail_sync_at = 0;
    impl_->failed = false;
}
int FailingDisk::writes() const { return impl_->writes; }
int FailingDisk::syncs() const { return impl_->syncs; }
bool FailingDisk::has_failed_since_heal() const { return impl_->failed; }

void FailingDisk::remember_synced() {
    const std::lock_guard lock(impl_->mutex);
    impl_->remembers = true;
}

void FailingDisk::stop_remembering() {
    const std::lock_guard lock(impl_->mutex);
    impl_->remembers = false;
}

void FailingDisk::cut_power() {
    const std::lock_guard lock(impl_->mutex);
    for (const auto& [path, is_synced] : impl_->files) {
        if (is_synced)
            std::filesystem::copy_file(synced_copy(path), path, std::filesystem::copy_options::overwrite_existing);
        else
            std::filesystem::remove(path);
    }
    impl_->files.clear();
}

}  // namespace punkt::testing
