"""A real Punkt as a process, a target that remembers, and a publisher: what the fault tests share. Standard library only."""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

MASTER_KEY = "kill-loop-master-key"

# Tasks of the serial queue that is judged for its order have numbers from here on.
FIRST_OF_QUEUE = 10_000_000
QUEUE_WAITING_MAX = 20  # so many of them wait at most: the queue carries only so many a second
QUEUE_CALL_S = 0.002  # the target takes so long for them, so that two at once would be seen


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Punkt:
    """One data folder; started and killed as often as a test likes."""

    def __init__(self, binary, folder=None):
        self.binary = binary
        self.folder = folder or tempfile.mkdtemp(prefix="punkt-kill-")
        self.port = free_port()
        self.process = None
        self.log = open(os.path.join(tempfile.gettempdir(), f"punkt-kill-{os.getpid()}.log"), "ab")
        self.key = None

    def start(self, preload=None):
        """Starts it and returns how many seconds it took until /readyz said yes."""
        environment = dict(os.environ)
        environment.update(
            PUNKT_DATA_DIRECTORY=self.folder,
            PUNKT_SERVER_PORT=str(self.port),
            PUNKT_MASTER_KEY=MASTER_KEY,
            PUNKT_ALLOW_PRIVATE_TARGETS="1",
            PUNKT_RETRY_BASE_MS="25",
            PUNKT_LOG_LEVEL="warn",
        )
        environment.update(preload or {})
        began = time.monotonic()
        self.process = subprocess.Popen([self.binary, "serve"], env=environment, stdout=self.log, stderr=self.log)
        while time.monotonic() - began < 30:
            if self.process.poll() is not None:
                raise RuntimeError(f"punkt ended with {self.process.returncode} instead of starting")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                    break
            except (urllib.error.URLError, OSError):
                time.sleep(0.01)
        else:
            raise RuntimeError("punkt was not ready within 30 s")
        took = time.monotonic() - began
        if self.key is None:
            self.key = self.call("POST", "/auth/keys", {"client": "kill"}, MASTER_KEY)[1]["apiKey"]
        return took

    def call(self, method, path, body=None, key=None):
        """(status, JSON or text)"""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {key or self.key}", "content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            status, text = refused.code, refused.read()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


class Target:
    """Answers 200, or 500 to every first delivery of a number that is divisible by 10. Remembers every request."""

    def __init__(self):
        self.port = None
        self.requests = []  # (seconds, number, execution id, attempt, delivery, status)
        self.queue_calls = []  # (number, from, until), in seconds, in the order in which they came
        self.seen = set()

    async def start(self):
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=4096)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                headers = {}
                lines = head.decode("latin-1").split("\r\n")
                for line in lines[1:]:
                    name, _, value = line.partition(":")
                    headers[name.lower()] = value.strip()
                await reader.readexactly(int(headers.get("content-length", "0")))
                number = int(lines[0].split(" ")[1].rsplit("/", 1)[1])
                status = 500 if number % 10 == 0 and number not in self.seen else 200
                self.seen.add(number)
                self.requests.append(
                    (
                        time.monotonic(),
                        number,
                        headers["punkt-execution-id"],
                        int(headers["punkt-attempt"]),
                        int(headers["punkt-delivery"]),
                        status,
                    )
                )
                if number >= FIRST_OF_QUEUE:
                    came = time.monotonic()
                    place = len(self.queue_calls)
                    self.queue_calls.append((number, came, came))
                    await asyncio.sleep(QUEUE_CALL_S)
                    self.queue_calls[place] = (number, came, time.monotonic())
                writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\nok".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class Publisher:
    """Queues numbered tasks over a few connections; knows which were acknowledged and which are in doubt."""

    def __init__(self, punkt, target):
        self.punkt = punkt
        self.target = target
        self.next_number = 1
        self.sent = set()
        self.acknowledged = set()
        self.refused = {}  # status: how many
        self.running = False

    def body(self, number):
        task = {"url": f"http://127.0.0.1:{self.target.port}/n/{number}", "body": "x" * (number % 500)}
        if number % 3 == 0:
            task["run_at"] = int(time.time() * 1000) + number % 1500
        # Few, spread over four queues: a serial queue waits for the retries of its head, so it carries only so many a
        # second, and what a fast machine queues beyond that would wait for minutes.
        if number % 61 == 0:
            task["queue"] = f"q{number // 61 % 4}"
        return json.dumps(task).encode()

    async def connection(self):
        while self.running:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.punkt.port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            try:
                while self.running:
                    await self.publish(reader, writer)
            except (asyncio.IncompleteReadError, OSError):
                pass
            finally:
                writer.close()

    async def publish(self, reader, writer):
        number = self.next_number
        self.next_number += 1
        body = self.body(number)
        self.sent.add(number)
        writer.write(
            (
                "POST /api/v1/tasks HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                f"authorization: Bearer {self.punkt.key}\r\ncontent-length: {len(body)}\r\n\r\n"
            ).encode()
            + body
        )
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length"))
        await reader.readexactly(length)
        status = int(head.split(" ")[1])
        if status == 202:
            self.acknowledged.add(number)
        else:
            self.refused[status] = self.refused.get(status, 0) + 1
            self.sent.discard(number)

    async def run(self, seconds, connections=16):
        """Publishes for so long; what is under way then is finished or fails with the server."""
        self.running = True
        work = [asyncio.create_task(self.connection()) for _ in range(connections)]
        await asyncio.sleep(seconds)
        return work

    async def finish(self, work):
        self.running = False
        await asyncio.wait(work, timeout=20)


class QueuePublisher(Publisher):
    """Queues tasks of one serial queue, each when the one before is acknowledged or in doubt: their numbers are their
    order."""

    def __init__(self, punkt, target):
        super().__init__(punkt, target)
        self.next_number = FIRST_OF_QUEUE

    def body(self, number):
        return json.dumps({"url": f"http://127.0.0.1:{self.target.port}/n/{number}", "queue": "in-order"}).encode()

    async def publish(self, reader, writer):
        last = self.target.queue_calls[-1][0] if self.target.queue_calls else FIRST_OF_QUEUE
        if self.next_number - last > QUEUE_WAITING_MAX:
            await asyncio.sleep(QUEUE_CALL_S)
        else:
            await super().publish(reader, writer)

    async def run(self, seconds, connections=1):
        return await super().run(seconds, connections)


async def until(condition, seconds, progress=lambda: None):
    """True as soon as the condition holds, False when `progress` answered the same for so many seconds."""
    last, end = progress(), time.monotonic() + seconds
    while not condition():
        if progress() != last:
            last, end = progress(), time.monotonic() + seconds
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.02)
    return True


def read_options(cycles):
    """What each loop is called with; `cycles` unless it says more. Also the dice, whose seed is printed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--cycles", type=int, default=cycles)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    return options, random.Random(options.seed)


def verdict(wrong, punkt, options):
    """The exit code: says what went wrong and keeps the data, or takes it away."""
    if wrong:
        print("\n".join(wrong[:20]))
        print(f"data kept in {punkt.folder}; again with --seed {options.seed} --cycles {options.cycles}")
        return 1
    shutil.rmtree(punkt.folder)
    return 0
