#!/usr/bin/env bash
# Puts the viewer of /api/v1/docs into the folder $1: Swagger UI (Apache-2.0), compressed as it is served.
set -euo pipefail
"$(dirname "$0")/fetch_npm.sh" swagger-ui-dist@5.35.0 \
    U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ== \
    "$1" swagger-ui-bundle.js swagger-ui.css LICENSE NOTICE swagger-ui-bundle.js.LICENSE.txt
for file in swagger-ui-bundle.js swagger-ui.css; do
    [ "$1/$file.gz" -nt "$1/$file" ] || gzip -9nkf "$1/$file"
done
