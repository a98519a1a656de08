# Sourced by ./dev: saying, failing, running a step with a log, building a target.

say() { echo "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

# Every C++ file of the tree that git does not ignore, separated by NUL.
cpp_files() { git ls-files -z --cached --others --exclude-standard -- 'src/*.h' 'src/*.cpp' 'tests/*.h' 'tests/*.cpp'; }

# How many compilers at once: one per processor, but 1.5 GB of memory for each (Beast and Asio need that much).
jobs_count() {
    if [ -n "${DEV_JOBS:-}" ]; then
        echo "$DEV_JOBS"
        return
    fi
    local free_kb limit jobs by_memory
    free_kb=$(awk '/^MemAvailable/ {print $2}' /proc/meminfo 2>/dev/null || true)
    limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || true) # a container's own limit, in bytes
    [[ "$limit" =~ ^[0-9]+$ ]] && [ $((limit / 1024)) -lt "${free_kb:-0}" ] && free_kb=$((limit / 1024))
    jobs=$(nproc)
    by_memory=$((${free_kb:-1536000} / 1536000))
    [ "$by_memory" -ge "$jobs" ] || jobs=$by_memory
    [ "$jobs" -ge 1 ] || jobs=1
    echo "$jobs"
}

# Shows the last line of a log while a long step runs: each second on a terminal, once a minute elsewhere. Silent for
# the first three seconds, so that a warm step says nothing. Ends when the script does (Ctrl-C does not reach it).
watch_log() {
    local log=$1 line seconds=0
    trap 'kill "$!" 2>/dev/null; exit 0' TERM # else the sleep would outlive us and hold stderr open
    while kill -0 $$ 2>/dev/null; do
        sleep 1 &
        wait "$!"
        seconds=$((seconds + 1))
        line=$(tail -n 1 "$log" 2>/dev/null | tr -d '\r' | cut -c1-100)
        if [ -t 2 ]; then
            [ "$seconds" -lt 3 ] || printf '\r\033[K  %s' "$line" >&2
        elif [ $((seconds % 60)) -eq 3 ]; then
            say "  $line"
        fi
    done
}

# step "What it is" command...: runs the command with its output in a log; tells the time when it took some, the log's
# tail when it failed. The command stays in the foreground (Ctrl-C must reach it), the watcher is what goes aside.
step() {
    local title=$1 log started=$SECONDS status=0 watcher
    shift
    mkdir -p build/log
    log=build/log/$(tr -cs 'a-zA-Z0-9' '_' <<<"$title" | tr 'A-Z' 'a-z' | sed 's/^_*//; s/_*$//').log
    : >"$log"
    watch_log "$log" &
    watcher=$!
    "$@" >"$log" 2>&1 </dev/null || status=$?
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    [ -t 2 ] && printf '\r\033[K' >&2
    if [ "$status" -ne 0 ]; then
        tail -n 40 "$log" >&2
        fail "$title failed after $((SECONDS - started)) s: the end of its output is above, all of it is in $log."
    fi
    [ $((SECONDS - started)) -lt 3 ] || say "$title: $((SECONDS - started)) s"
}

# build_target preset target...: configures the preset if it never was, then builds; ninja itself notices changed
# CMake files and new sources (CONFIGURE_DEPENDS).
build_target() {
    local preset=$1
    shift
    [ -f "build/$preset/build.ninja" ] || step "Configuring $preset" cmake --preset "$preset"
    step "Building $preset" ninja -C "build/$preset" -j "$(jobs_count)" "$@"
}
