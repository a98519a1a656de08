#!/usr/bin/env python3
"""kill -9 under load against a plan's hard limit of executions a month: never more is accepted or runs than the plan says,
what was accepted runs, and the usage that is told is exactly what ran. accounts.md §5, §6.

    python3 tests/kill/limit_loop.py build/release/punkt --cycles 200
"""

import asyncio
import os
import sys

from house import Publisher, Punkt, Target, read_options, until, verdict

# So many for each cycle: the publisher asks for about twice as many, so that the limit is reached under way.
RUNS_PER_CYCLE = 60


class PatientPublisher(Publisher):
    """Asks at a steady pace, so that the limit is not reached in the first cycle, and goes on asking beyond it."""

    async def publish(self, reader, writer):
        await super().publish(reader, writer)
        await asyncio.sleep(0.02)


def runs_of(target):
    """First attempts, however often each was delivered."""
    return {execution for (_, _, execution, attempt, _, _) in target.requests if attempt == 1}


def usage_of(punkt):
    status, answer = punkt.call("GET", "/api/v1/usage")
    if status != 200:
        raise RuntimeError(f"/api/v1/usage answered {status}: {answer}")
    return answer["data"]["executions"]


def judge(publisher, target, limit, usage):
    """The list of what went wrong, once nothing waits any more."""
    wrong = []
    ran = runs_of(target)
    if len(publisher.acknowledged) > limit:
        wrong.append(f"{len(publisher.acknowledged)} were accepted, the plan allows {limit}")
    if len(ran) > limit:
        wrong.append(f"{len(ran)} ran, the plan allows {limit}")
    lost = publisher.acknowledged - {number for (_, number, _, _, _, _) in target.requests}
    if lost:
        wrong.append(f"{len(lost)} accepted tasks never ran, such as {sorted(lost)[:5]}")
    if usage["used"] != len(ran):
        wrong.append(f"{usage['used']} are counted, {len(ran)} ran")
    if usage["waiting"] != 0:
        wrong.append(f"{usage['waiting']} are said to wait, and nothing does")
    if set(publisher.refused) - {402}:
        wrong.append(f"refused for other reasons: {publisher.refused}")
    if publisher.refused.get(402, 0) == 0 or len(ran) < limit:
        wrong.append(f"the limit of {limit} was not reached: {len(ran)} ran, {publisher.refused} refused")
    return wrong


async def main():
    options, chance = read_options(cycles=10)

    limit = options.cycles * RUNS_PER_CYCLE
    target = Target()
    server = await target.start()
    punkt = Punkt(options.binary)
    settings = os.path.join(punkt.folder, "limit.toml")
    with open(settings, "w", encoding="utf-8") as file:
        file.write(f'[plans]\ndefault = "small"\n[plans.small]\nlimit = "hard"\nexecutions_per_month = {limit}\n')
    environment = {"PUNKT_CONFIG": settings}
    await asyncio.to_thread(punkt.start, environment)
    publisher = PatientPublisher(punkt, target)
    wrong = []
    for cycle in range(options.cycles):
        work = await publisher.run(chance.uniform(0.1, 0.5), connections=8)
        await asyncio.to_thread(punkt.kill)
        publisher.running = False
        await publisher.finish(work)
        await asyncio.to_thread(punkt.start, environment)
        usage = await asyncio.to_thread(usage_of, punkt)
        if usage["used"] + usage["waiting"] > limit:
            wrong.append(f"after kill {cycle + 1} {usage} are over the limit of {limit}")

    # What is left of the limit is asked for, and a little more.
    work = await publisher.run(0.2, connections=8)
    full = await until(lambda: publisher.refused.get(402, 0) > 20, 20, progress=lambda: len(publisher.acknowledged))
    await publisher.finish(work)
    if not full:
        wrong.append("nothing was refused")
    usage = {}

    async def is_settled():
        nonlocal usage
        usage = await asyncio.to_thread(usage_of, punkt)
        return usage["waiting"] == 0 and usage["used"] == len(runs_of(target))

    for _ in range(200):
        if await is_settled():
            break
        await asyncio.sleep(0.05)
    wrong += judge(publisher, target, limit, usage)
    if await asyncio.to_thread(punkt.stop) != 0:
        wrong.append("the last stop did not end with 0")
    server.close()
    print(
        f"{options.cycles} kills, limit {limit}: {len(publisher.acknowledged)} acknowledged, {len(runs_of(target))} ran, "
        f"{usage['used']} counted, {publisher.refused.get(402, 0)} refused"
    )
    return verdict(wrong, punkt, options)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
