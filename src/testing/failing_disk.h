// A disk that fails on purpose, under SQLite: writes, syncs, space, power.
#pragma once

#include <memory>
#include <string>

namespace punkt::testing {

/// While it lives, databases opened with `vfs()` lie on it. Threads: any.
class FailingDisk {
  public:
    FailingDisk();
    ~FailingDisk();
    FailingDisk(const FailingDisk&) = delete;
    FailingDisk& operator=(const FailingDisk&) = delete;

    /// For db::Location::vfs.
    const std::string& vfs() const;

    /// The n-th write or sync from now on fails; counted from 1.
    void fail_write(int nth);
    void fail_sync(int nth);
    /// Files cannot grow until there is room again; what they have can be overwritten. `bytes` more are there once
    /// the file `reserve` is gone.
    void fill(const std::string& reserve = {}, long bytes = 0);
    void make_room();
    void heal();

    int writes() const;
    int syncs() const;
    /// A write or sync was made to fail since the last heal().
    bool has_failed_since_heal() const;

    /// From now on what is synced is remembered, so that cut_power() can bring it back.
    void remember_synced();
    /// What happens after this does not reach the disk: closing the databases before cut_power().
    void stop_remembering();
    /// Every file becomes what it was at its last remembered sync, as if the caches had been lost.
    void cut_power();

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::testing
