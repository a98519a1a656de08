# Sourced by ./dev: what each command needs, and how it gets here.

# One row per need: Debian 12 package, then how to see that it is there: a command's name, or `-` to ask dpkg.
# A command counts wherever it came from (node from elsewhere than Debian is fine).
packages_build='
git git
clang-16 clang++-16
lld-16 ld.lld-16
cmake cmake
ninja-build ninja
ccache ccache
npm npm
python3 python3
python3-yaml -
openssl openssl
curl curl
ca-certificates -
tzdata -
libboost1.81-dev -
libsimdjson-dev -
libre2-dev -
libfmt-dev -
libgoogle-perftools-dev -
libspdlog-dev -
libcli11-dev -
libtomlplusplus-dev -
libyaml-cpp-dev -
libssl-dev -
libcurl4-openssl-dev -
libgtest-dev -
libgmock-dev -
'
packages_check="$packages_build
clang-format-16 clang-format-16
clang-tidy-16 clang-tidy-16
llvm-16 llvm-symbolizer-16
libclang-rt-16-dev -
chromium chromium
"
packages_fresh='
git git
curl curl
debootstrap debootstrap
'

# Prints the packages of the list $1 that are missing here, one a line. Without dpkg only commands can be judged;
# CMake names a missing library later.
missing_packages() {
    local package command asked=()
    while read -r package command; do
        [ -n "$package" ] || continue
        if [ "$command" = - ]; then
            asked+=("$package")
        elif ! command -v "$command" >/dev/null; then
            echo "$package"
        fi
    done <<<"$1"
    if [ "${#asked[@]}" -gt 0 ] && command -v dpkg-query >/dev/null; then
        local installed
        installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${asked[@]}" 2>/dev/null | sed -n 's/^installed //p')
        grep -vxF -f <(echo "$installed") <(printf '%s\n' "${asked[@]}") || true
    fi
}

# need build|check|fresh: installs what is missing, or says in one sentence what to install.
need() {
    local list="packages_$1" missing debian=no
    missing=$(missing_packages "${!list}" | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    grep -qs '^ID=debian' /etc/os-release && command -v apt-get >/dev/null && debian=yes
    if [ "$debian" = no ]; then
        fail "Punkt is built on Debian 12; here these are missing, under Debian's names: ${missing% }."
    elif [ "$(id -u)" -ne 0 ]; then
        fail "Please install what is missing, as root: apt-get install --no-install-recommends ${missing% }"
    fi
    export DEBIAN_FRONTEND=noninteractive
    local apt=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
    step "Refreshing apt's package lists" "${apt[@]}" update
    # shellcheck disable=SC2086 # the names are split on purpose
    step "Installing $(wc -w <<<"$missing") packages" "${apt[@]}" install --no-install-recommends $missing
}
