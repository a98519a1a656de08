#!/usr/bin/env python3
"""A disk whose Nth fsync fails: Punkt acknowledges nothing more, ends with code 70, and has lost nothing that it had
acknowledged when it starts again on a disk that works. Reliability A6.

    python3 tests/kill/failing_disk.py build/release/punkt build/release/tests/kill/libfail_sync.so
"""

import asyncio
import shutil
import sys

from house import Publisher, Punkt, Target, until

STORAGE_FAILED = 70


async def one(binary, shim, number):
    """Errors of one run whose fsync number `number` after the start fails."""
    target = Target()
    server = await target.start()
    punkt = Punkt(binary)
    await asyncio.to_thread(punkt.start)  # migrations and the key, on a good disk
    await asyncio.to_thread(punkt.stop)
    publisher = Publisher(punkt, target)
    try:
        await asyncio.to_thread(punkt.start, {"LD_PRELOAD": shim, "FAIL_SYNC_AT": str(number)})
    except RuntimeError:
        pass  # the fsync was one of the start itself: the exit code is judged below
    work = await publisher.run(0.0, connections=4)
    ended = await until(lambda: punkt.process.poll() is not None, 20)
    publisher.running = False
    if not ended:
        await asyncio.to_thread(punkt.kill)
    await publisher.finish(work)
    code = punkt.process.returncode
    await asyncio.to_thread(punkt.start)

    def settled():
        succeeded = {n for (_, n, _, _, _, status) in target.requests if status == 200}
        return publisher.acknowledged <= succeeded

    kept = await until(settled, 30)
    await asyncio.to_thread(punkt.stop)
    server.close()
    shutil.rmtree(punkt.folder)
    wrong = []
    if not ended:
        wrong.append(f"fsync {number} failed and Punkt went on")
    elif code != STORAGE_FAILED:
        wrong.append(f"fsync {number} failed and Punkt ended with {code}, not {STORAGE_FAILED}")
    if not kept:
        wrong.append(f"fsync {number}: acknowledged tasks were lost")
    return wrong, len(publisher.acknowledged)


async def main():
    binary, shim = sys.argv[1:3]
    wrong, acknowledged = [], 0
    for number in (2, 3, 5, 17, 60):
        errors, count = await one(binary, shim, number)
        wrong += errors
        acknowledged += count
    print(f"5 failing disks, {acknowledged} acknowledged, {len(wrong)} errors")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
