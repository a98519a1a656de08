#!/usr/bin/env python3
"""A full disk (a small tmpfs, so it needs root): new tasks are refused with 507, Punkt lives and reads, what makes room
still works, and when there is room again it takes tasks within 5 s. Nothing acknowledged is lost. Reliability A5.

    python3 tests/kill/full_disk.py build/release/punkt
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time

from house import Publisher, Punkt, Target, until

DISK_BYTES = 48 * 1024 * 1024
BALLAST_BYTES = 30 * 1024 * 1024


class LargeTasks(Publisher):
    def body(self, number):
        return super().body(number * 2 + 1)[:-1] + b', "name": "' + b"n" * 200 + b'", "headers": {"x-fill": "' + b"f" * 6000 + b'"}}'


async def scenario(punkt, target, folder):
    wrong = []
    await asyncio.to_thread(punkt.start)
    publisher = LargeTasks(punkt, target)
    work = await publisher.run(0.0, connections=8)
    if not await until(lambda: publisher.refused.get(507, 0) > 50 or punkt.process.poll() is not None, 60):
        wrong.append(f"the disk never was full: {publisher.refused}")
    await publisher.finish(work)
    if punkt.process.poll() is not None:
        return wrong + [f"Punkt ended with {punkt.process.returncode} on a full disk"], publisher
    if set(publisher.refused) - {507, 503}:
        wrong.append(f"a full disk was answered with {publisher.refused}")
    status, answer = await asyncio.to_thread(punkt.call, "GET", "/api/v1/tasks?limit=1")
    if status != 200:
        wrong.append(f"reading on a full disk answered {status}")
    else:
        task = answer["data"][0]["id"]
        # The reserve may just be used up by outcomes; then the log is copied and begun anew within a second or two.
        statuses = []

        async def deleted():
            status, _ = await asyncio.to_thread(punkt.call, "DELETE", f"/api/v1/tasks/{task}")
            statuses.append(status)
            return status in (204, 404)

        end = time.monotonic() + 10
        while not await deleted() and time.monotonic() < end:
            await asyncio.sleep(0.2)
        if statuses[-1] not in (204, 404):
            wrong.append(f"deleting on a full disk answered {statuses[-1]} for 10 s")

    os.remove(os.path.join(folder, "ballast"))
    before = len(publisher.acknowledged)
    work = await publisher.run(0.0, connections=2)
    if not await until(lambda: len(publisher.acknowledged) > before, 5):
        wrong.append("no task was taken within 5 s after there was room again")
    await publisher.finish(work)
    return wrong, publisher


async def main():
    target = Target()
    server = await target.start()
    folder = tempfile.mkdtemp(prefix="punkt-full-")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder], check=True)
    try:
        with open(os.path.join(folder, "ballast"), "wb") as ballast:
            ballast.write(b"\0" * BALLAST_BYTES)
        punkt = Punkt(sys.argv[1], os.path.join(folder, "data"))
        wrong, publisher = await scenario(punkt, target, folder)

        def settled():
            # One task was deleted on purpose, before or after it ran.
            succeeded = {n for (_, n, _, _, _, status) in target.requests if status == 200}
            return len({2 * n + 1 for n in publisher.acknowledged} - succeeded) <= 1

        if not await until(settled, 60):
            wrong.append("acknowledged tasks were lost")
        if punkt.process.poll() is None:
            await asyncio.to_thread(punkt.stop)
    finally:
        subprocess.run(["umount", "-l", folder], check=False)
        os.rmdir(folder)
    server.close()
    print(f"{len(publisher.acknowledged)} acknowledged, refused {publisher.refused}, {len(wrong)} errors")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
