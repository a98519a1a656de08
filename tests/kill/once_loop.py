#!/usr/bin/env python3
"""kill -9 under load, with a publisher that asks again for everything that was not answered: the same Idempotency-Key, or
the same dedupe key, makes one task, whatever was on disk at the kill, on the native API and on Qron's. Reliability A1;
runlater-api.md §1.5.

    python3 tests/kill/once_loop.py build/release/punkt --cycles 200
"""

import asyncio
import json
import sys

from house import Publisher, Punkt, Target, read_options, until, verdict


class InsistingPublisher(Publisher):
    """Sends again what has no answer. Odd numbers carry an Idempotency-Key, every other one of them to Qron's route; even
    ones carry a dedupe key."""

    def __init__(self, punkt, target):
        super().__init__(punkt, target)
        self.unanswered = []
        self.repeated = 0

    async def publish(self, reader, writer):
        if self.unanswered:
            number = self.unanswered.pop()
            self.repeated += 1
        else:
            number = self.next_number
            self.next_number += 1
        self.sent.add(number)
        answered = False
        try:
            url = f"http://127.0.0.1:{self.target.port}/n/{number}"
            path, task = "/api/v1/tasks", {"url": url}
            if number % 2 == 0:
                task["dedupe"] = {"key": f"number-{number}", "window": "1h"}
            elif number % 4 == 3:
                path, task = "/schedule", {"targetUrl": url, "delay": 0}
            body = json.dumps(task).encode()
            key = f"idempotency-key: number-{number}\r\n" if number % 2 else ""
            writer.write(
                (
                    f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                    f"authorization: Bearer {self.punkt.key}\r\n{key}content-length: {len(body)}\r\n\r\n"
                ).encode()
                + body
            )
            await writer.drain()
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lengths = [line for line in head.split("\r\n") if line.lower().startswith("content-length")]
            await reader.readexactly(int(lengths[0].split(":")[1]))
            status = int(head.split(" ")[1])
            answered = status in (200, 201, 202)
            if answered:
                self.acknowledged.add(number)
            else:
                self.refused[status] = self.refused.get(status, 0) + 1
        finally:
            if not answered:
                self.unanswered.append(number)


def judge(publisher, target):
    """The list of what went wrong."""
    runs = {}
    for _, number, execution, attempt, _, _ in target.requests:
        if attempt == 1:
            runs.setdefault(number, set()).add(execution)
    wrong = [
        f"number {number} became {len(executions)} tasks ({'a dedupe' if number % 2 == 0 else 'an idempotency'} key)"
        for number, executions in runs.items()
        if len(executions) > 1
    ]
    lost = publisher.acknowledged - runs.keys()
    if lost:
        wrong.append(f"{len(lost)} acknowledged tasks never ran, such as {sorted(lost)[:5]}")
    return wrong


async def main():
    options, chance = read_options(cycles=10)

    target = Target()
    server = await target.start()
    punkt = Punkt(options.binary)
    await asyncio.to_thread(punkt.start)
    publisher = InsistingPublisher(punkt, target)
    for _ in range(options.cycles):
        work = await publisher.run(chance.uniform(0.1, 0.6))
        await asyncio.to_thread(punkt.kill)
        publisher.running = False
        await publisher.finish(work)
        await asyncio.to_thread(punkt.start)
    work = await publisher.run(0.5)
    await until(lambda: not publisher.unanswered, 10, progress=lambda: len(publisher.acknowledged))
    await publisher.finish(work)
    wrong = ["some were never answered"] if publisher.unanswered else []
    ran = await until(
        lambda: publisher.acknowledged <= {number for (_, number, _, _, _, _) in target.requests},
        30,
        progress=lambda: len(target.requests),
    )
    if not ran:
        wrong.append("deliveries stopped for 30 s before everything acknowledged had arrived")
    wrong += judge(publisher, target)
    if await asyncio.to_thread(punkt.stop) != 0:
        wrong.append("the last stop did not end with 0")
    server.close()
    print(f"{options.cycles} kills, {len(publisher.acknowledged)} acknowledged, {publisher.repeated} asked for again")
    return verdict(wrong, punkt, options)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
