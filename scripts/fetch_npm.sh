#!/usr/bin/env bash
# fetch_npm.sh PACKAGE@VERSION SHA512 FOLDER FILE… puts files of an npm package into FOLDER, unless they are there. The
# archive must have the pinned hash; nothing of the package runs.
set -euo pipefail
package=$1 integrity=$2 folder=$3
shift 3
is_there() {
    [ "$(cat "$folder/package" 2>/dev/null)" = "$package" ] || return 1
    local file
    for file in "$@"; do [ -f "$folder/$(basename "$file")" ] || return 1; done
}
is_there "$@" && exit 0

command -v npm >/dev/null || { echo "npm is missing: run ./dev build, which installs it, or apt-get install npm" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent --ignore-scripts "$package" >/dev/null 2>npm.log) || {
    echo "npm could not fetch $package: $(tail -n 1 "$work/npm.log")" >&2
    exit 1
}
archive=$(echo "$work"/*.tgz)
found=$(openssl dgst -sha512 -binary "$archive" | base64 -w0)
if [ "$found" != "$integrity" ]; then
    echo "the archive of $package is not the one we pinned (sha512 $found): not used" >&2
    exit 1
fi
mkdir -p "$folder"
tar -xzf "$archive" -C "$work" "${@/#/package/}"
for file in "$@"; do cp "$work/package/$file" "$folder/"; done
echo "$package" >"$folder/package"
