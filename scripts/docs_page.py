#!/usr/bin/env python3
"""Opens /api/v1/docs of a Punkt in a headless Chromium that can reach nothing else, and looks whether it shows the API.

    docs_page.py PUNKT     the binary
"""
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

PORT_LINE = re.compile(r"127\.0\.0\.1:(\d+)")


def start(binary, folder):
    """A Punkt on a free port, and its address."""
    log = open(f"{folder}/log", "w+")
    process = subprocess.Popen([binary, "serve", "--port", "0", "--data", f"{folder}/data"], stderr=log, stdout=log)
    for _ in range(200):
        time.sleep(0.05)
        found = PORT_LINE.search(open(f"{folder}/log").read())
        if found:
            return process, f"http://127.0.0.1:{found.group(1)}"
    process.kill()
    sys.exit("Punkt did not start: " + open(f"{folder}/log").read())


def look(address, folder):
    """The page after its scripts have run, and what the browser complained about."""
    answer = subprocess.run(
        ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom",
         "--enable-logging=stderr", "--virtual-time-budget=20000", f"--user-data-dir={folder}/profile",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", address + "/api/v1/docs"],
        capture_output=True, text=True, timeout=180, check=False)
    complaints = [line for line in answer.stderr.splitlines() if "CONSOLE" in line]
    return answer.stdout, complaints


def main(binary):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process, address = start(binary, folder)
        try:
            with urllib.request.urlopen(address + "/api/v1/openapi") as reply:
                api = json.load(reply)
            page, complaints = look(address, folder)
        finally:
            process.terminate()
            process.wait(60)
    operations = page.count("opblock-summary-path")
    wanted = sum(method in ("get", "put", "post", "delete", "patch") for item in api["paths"].values() for method in item)
    missing = [tag["name"] for tag in api["tags"] if f'data-tag="{tag["name"]}"' not in page]
    if complaints or missing or operations < wanted:
        sys.exit(f"/api/v1/docs shows {operations} of {wanted} operations; missing: {missing}; " + "\n".join(complaints))
    print(f"/api/v1/docs shows {wanted} operations under {len(api['tags'])} tags; the browser has no complaint.")


if __name__ == "__main__":
    main(*sys.argv[1:])
