#!/usr/bin/env bash
# Puts SQLite's amalgamation (public domain) into the folder $1. Debian 12 has 3.40.1, which can corrupt a WAL under a
# checkpoint thread (sqlite.org/wal.html#walresetbug, fixed in 3.51.3); the npm package better-sqlite3 carries a newer
# one. Only its two files are taken; nothing of the package runs.
set -euo pipefail
package=better-sqlite3@13.2.0
integrity=Z8Q/9x/uNyKxA1v4FNodyItRVRw1TeKBrmj32JhxhR0ceNcBY+wMobt/Bv7M7TzwPAXjnZRtNaEsATnUZSKWZQ==
folder=$1
[ -f "$folder/sqlite3.c" ] && [ -f "$folder/sqlite3.h" ] && [ "$(cat "$folder/package" 2>/dev/null)" = "$package" ] && exit 0

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
tar -xzf "$archive" -C "$work" package/deps/sqlite3/sqlite3.c package/deps/sqlite3/sqlite3.h
cp "$work"/package/deps/sqlite3/sqlite3.[ch] "$folder/"
echo "$package" >"$folder/package"
