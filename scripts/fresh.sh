#!/usr/bin/env bash
# Proves what README promises: makes a minimal Debian 12 with git in build/fresh/root, clones the committed tree into it,
# and types there what a newcomer types: ./dev test, ./dev up, the printed curl line. Called by ./dev fresh.
# How this machine reaches apt and npm (mirror, proxies, certificates, npm_config_*) is passed on as it is.
# FRESH_KEEP=1 leaves the root folder for a look.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
source scripts/dev_steps.sh
root=$PWD/build/fresh/root
codename=bookworm
bundle=/etc/ssl/certs/ca-certificates.crt
up_log=build/log/fresh_up.log
up_pid=

[ "$(id -u)" -eq 0 ] || fail "./dev fresh makes a root folder and mounts /proc in it, so it must run as root."
# Our mounts live in a namespace of their own and end with us, however we end.
[ "${FRESH_INSIDE:-}" = yes ] || FRESH_INSIDE=yes exec unshare --mount --propagation private scripts/fresh.sh

clean_up() {
    [ -z "$up_pid" ] || kill "$up_pid" 2>/dev/null || true
    mountpoint -q "$root/proc" && umount -l "$root/proc"
    [ "${FRESH_KEEP:-}" = 1 ] || rm -rf --one-file-system build/fresh
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# "address suite" of each Debian archive that apt uses here; nothing where apt has none.
apt_archives() {
    apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 2>/dev/null |
        awk -v name="$codename" '$2 == name || $2 == name "-updates" || $2 == name "-security"' | sort -u || true
}

make_root() {
    local mirror
    mirror=$(apt_archives | awk -v name="$codename" '$2 == name {print $1; exit}')
    rm -rf --one-file-system "$root"
    mkdir -p "$root"
    debootstrap --variant=minbase --include=git,ca-certificates "$codename" "$root" ${mirror:+"$mirror"}
    apt_archives | sed 's/^/deb /; s/$/ main/' >"$root/etc/apt/sources.list.d/host.list"
    [ ! -s "$root/etc/apt/sources.list.d/host.list" ] || : >"$root/etc/apt/sources.list"
    apt-config dump 2>/dev/null | grep -iE '^Acquire::[a-z]+::(Proxy|CaInfo|Verify)' >"$root/etc/apt/apt.conf.d/01host" || true
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    cp -L /etc/hosts "$root/etc/hosts"
    # Certificates: the machine's own ones for good, and its whole bundle at once.
    if compgen -G '/usr/local/share/ca-certificates/*' >/dev/null; then
        cp -rL /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
    fi
    [ ! -s "$bundle" ] || cp -L "$bundle" "$root$bundle"
    mount -t proc proc "$root/proc"
}

clone_tree() {
    git bundle create --quiet "$root/root/punkt.bundle" HEAD
    inside 'git clone --quiet /root/punkt.bundle /root/punkt'
}

# inside 'commands': runs them by bash in the new root, with an environment of its own.
inside() { "${enter[@]}" /bin/bash -c "$1"; }

# Sets `enter`, the words that go before a command to run it in the new root.
prepare_to_enter() {
    local name
    enter=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8)
    enter+=(NODE_EXTRA_CA_CERTS="$bundle")
    while read -r name; do
        enter+=("$name=${!name}")
    done < <(compgen -e | grep -iE '^(https?_proxy|no_proxy|all_proxy|npm_config_[a-z_]+|DEV_JOBS)$')
    enter+=(chroot "$root")
}

# Where npm finds its packages here, unless the environment says it already; npm's own files stay here, they hold secrets.
pass_npm_registry() {
    local registry
    registry=$(npm config get registry 2>/dev/null || true)
    [[ "$registry" != http* ]] || export npm_config_registry=${npm_config_registry:-$registry}
}

# wait_for seconds command...: until it succeeds; fails when the time is over or Punkt ended.
wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] && kill -0 "$up_pid" 2>/dev/null || return 1
        sleep 0.1
    done
}

healthy() { curl -fsS --noproxy '*' -m 2 http://127.0.0.1:4000/health; }

start_up() {
    # Not by `inside`: a function would run in a shell of its own, and its pid would not be Punkt's.
    "${enter[@]}" /bin/bash -c 'cd /root/punkt && exec ./dev up' >"$up_log" 2>&1 </dev/null &
    up_pid=$!
}

stop_up() {
    kill -TERM "$up_pid"
    local status=0
    wait "$up_pid" || status=$?
    up_pid=
    [ "$status" -eq 0 ] || fail_up "./dev up ended with exit code $status after SIGTERM"
}

fail_up() {
    tail -n 40 "$up_log" >&2
    fail "$1: its output is above, and in $up_log."
}

# The sample receiver shows each delivery by a line that begins with its method: --> POST /path
delivered() { grep -q '^--> ' "$up_log"; }

prove_up() {
    local started=$SECONDS line answer before after
    ! healthy >/dev/null 2>&1 || fail "Something answers on 127.0.0.1:4000 already: stop it, ./dev fresh needs that port."
    start_up
    wait_for 1800 healthy || fail_up "./dev up did not become healthy"
    say "./dev up, release build included: healthy after $((SECONDS - started)) s"
    line=$(grep -m 1 -oE '\bcurl .*' "$up_log") || fail_up "./dev up printed no curl line"
    answer=$(inside "$line" 2>/dev/null) || fail_up "The printed line failed ($line)"
    say "The printed line answered: $(cut -c1-200 <<<"$answer")"
    wait_for 10 delivered || fail_up "No delivery showed within 10 s"
    say "Delivered: $(grep -m 1 '^--> ' "$up_log" | cut -c1-200)"
    stop_up

    before=$(date +%s%N)
    start_up
    wait_for 20 healthy || fail_up "The second ./dev up did not become healthy"
    after=$(date +%s%N)
    say "The second ./dev up: healthy after $(((after - before) / 1000000)) ms"
    stop_up
}

main() {
    mkdir -p build/log
    [ -z "$(git status --porcelain)" ] || say "Note: only what is committed is proven; this tree has changes that are not."
    pass_npm_registry
    prepare_to_enter
    step "Making a minimal Debian 12" make_root
    step "Cloning the committed tree" clone_tree
    local started=$SECONDS
    inside 'cd /root/punkt && exec ./dev test' </dev/null || fail "./dev test failed in the fresh root: see above."
    say "./dev test, packages and build included: $((SECONDS - started)) s"
    prove_up
    say "Fresh: both commands work on a minimal Debian 12."
}

main
