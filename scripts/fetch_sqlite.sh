#!/usr/bin/env bash
# Puts SQLite's amalgamation (public domain) into the folder $1. Debian 12 has 3.40.1, which can corrupt a WAL under a
# checkpoint thread (sqlite.org/wal.html#walresetbug, fixed in 3.51.3); the npm package better-sqlite3 carries a newer
# one. Only its two files are taken.
exec "$(dirname "$0")/fetch_npm.sh" better-sqlite3@13.2.0 \
    Z8Q/9x/uNyKxA1v4FNodyItRVRw1TeKBrmj32JhxhR0ceNcBY+wMobt/Bv7M7TzwPAXjnZRtNaEsATnUZSKWZQ== \
    "$1" deps/sqlite3/sqlite3.c deps/sqlite3/sqlite3.h
