#!/usr/bin/env python3
"""kill -9 under load, again and again: nothing acknowledged is lost, nothing appears that was never asked for, only what
was in flight at a kill is delivered twice, and says so, and a serial queue stays in order, one at a time. Reliability A1; the oracle is the one of its catalogue.

    python3 tests/kill/kill_loop.py build/release/punkt --cycles 500
"""

import asyncio
import sys
import time

from house import Publisher, Punkt, QueuePublisher, Target, read_options, until, verdict

# An outcome is on disk this long after its answer, even on a slow and busy machine; and what was on the wire at a kill
# may be read by the target this long after it.
RECORDED_WITHIN_S = 3.0
READ_WITHIN_S = 0.5


def judge(sent, acknowledged, target, kills):
    """The list of what went wrong."""
    wrong = []
    succeeded = {number for (_, number, _, _, _, status) in target.requests if status == 200}
    delivered = {number for (_, number, _, _, _, _) in target.requests}
    lost = acknowledged - succeeded
    if lost:
        wrong.append(f"{len(lost)} acknowledged tasks were lost, such as {sorted(lost)[:5]}")
    phantoms = delivered - sent
    if phantoms:
        wrong.append(f"{len(phantoms)} tasks ran that nobody asked for, such as {sorted(phantoms)[:5]}")
    by_execution = {}
    for at, number, execution, attempt, delivery, _ in target.requests:
        by_execution.setdefault(execution, []).append((at, number, attempt, delivery))
    repeated = 0
    for execution, deliveries in by_execution.items():
        for (first_at, number, _, first_delivery), (_, _, _, delivery) in zip(deliveries, deliveries[1:]):
            repeated += 1
            if not any(first_at - READ_WITHIN_S <= kill <= first_at + RECORDED_WITHIN_S for kill in kills):
                wrong.append(f"execution {execution} of task {number} ran twice without a kill in between")
            if delivery <= first_delivery:
                wrong.append(f"execution {execution} of task {number} ran twice and called both delivery {delivery}")
    return wrong, repeated


def judge_order(calls, kills):
    """What was wrong with the calls of the serial queue: in order, one at a time, and repeated only at its head."""
    wrong = []
    for (number, came, answered), (following, next_came, _) in zip(calls, calls[1:]):
        if following < number:
            wrong.append(f"task {following} of the serial queue ran after {number}")
        is_killed = any(came - READ_WITHIN_S <= kill <= next_came for kill in kills)
        if next_came < answered and not is_killed:
            wrong.append(f"tasks {number} and {following} of the serial queue ran at once")
    return wrong


async def main():
    options, chance = read_options(cycles=20)

    target = Target()
    server = await target.start()
    punkt = Punkt(options.binary)
    ready, kills = [], []
    await asyncio.to_thread(punkt.start)
    publishers = [Publisher(punkt, target), QueuePublisher(punkt, target)]
    for _ in range(options.cycles):
        seconds = chance.uniform(0.1, 1.0)
        work = await asyncio.gather(*(publisher.run(seconds) for publisher in publishers))
        kills.append(time.monotonic())
        await asyncio.to_thread(punkt.kill)
        await asyncio.gather(*(publisher.finish(one) for publisher, one in zip(publishers, work)))
        ready.append(await asyncio.to_thread(punkt.start))
    sent = set().union(*(publisher.sent for publisher in publishers))
    acknowledged = set().union(*(publisher.acknowledged for publisher in publishers))

    def settled():
        succeeded = {number for (_, number, _, _, _, status) in target.requests if status == 200}
        return acknowledged <= succeeded

    drained = await until(settled, 30, progress=lambda: len(target.requests))
    wrong, repeated = judge(sent, acknowledged, target, kills)
    wrong += judge_order(target.queue_calls, kills)
    if not drained:
        wrong.append("deliveries stopped for 30 s before everything acknowledged had arrived")
    code = await asyncio.to_thread(punkt.stop)
    if code != 0:
        wrong.append(f"the last stop ended with {code}")
    server.close()
    ready.sort()
    print(
        f"{options.cycles} kills, {len(acknowledged)} acknowledged, {len(target.requests)} deliveries, "
        f"{repeated} repeated, {len(target.queue_calls)} in order; ready after {ready[len(ready) // 2]:.2f} s (median), {ready[-1]:.2f} s (worst)"
    )
    return verdict(wrong, punkt, options)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
