# SPDX-License-Identifier: Apache-2.0
"""Live nodes of the trial: workers that can be replaced where they listen, and a coordinator that never stops calling.

    with Cluster(node, 3) as cluster:                   # workers of this node, on free ports of loopback
        with Load(coordinator, cluster):                # calls all of them in turn until the block ends
            cluster.workers[0].await_calls(1)
            cluster.replace(0, newer)                   # drained; its successor takes the port

Everything that was started ends with its block. Whatever goes wrong is an AssertionError that says what a program said.
"""
from __future__ import annotations

import re
import secrets
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from nodes import Node

PATIENCE = 15                       # seconds, for anything a program does


class Worker:
    def __init__(self, node: Node, folder: Path, listen: str) -> None:
        self.capture = Path(tempfile.mkstemp(dir=folder, suffix=".capture")[1])
        self._errors = self.capture.with_suffix(".err").open("w+")
        self._process = subprocess.Popen(
            [node.program("ftworker"), "--listen", listen, "--token-file", folder / "token", "--capture", self.capture],
            stdout=subprocess.PIPE, stderr=self._errors, text=True)
        line = self._process.stdout.readline()          # ends with the process, should it not start
        if not line.startswith("listening on "):
            self.kill()
            raise AssertionError(f"ftworker of {node.name} does not listen: {self.errors()}")
        self.address = line.removeprefix("listening on ").strip()

    def drain(self) -> None:
        """SIGTERM, and out."""
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(PATIENCE)
        assert status == 0, f"ftworker ended with {status}: {self.errors()}"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def errors(self) -> str:
        return Path(self._errors.name).read_text()

    def versions(self) -> set[int]:
        """Of the messages that came and went."""
        return {int(v) for v in re.findall(rb'\{"version":(\d+)', self.capture.read_bytes())}

    def await_calls(self, version: int) -> None:
        """Until it has been asked something in this version."""
        end = time.monotonic() + PATIENCE
        while version not in self.versions():
            assert time.monotonic() < end, f"nobody calls {self.address} in version {version}"
            time.sleep(0.01)

    def close(self) -> None:
        self.kill()
        self._errors.close()


class Cluster:
    def __init__(self, node: Node, count: int) -> None:
        self._temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self._temporary.name)
        token = self.folder / "token"
        token.touch(mode=0o600)
        token.write_text(secrets.token_hex(32) + "\n")
        self.workers: list[Worker] = []
        try:
            for _ in range(count):
                self.workers.append(Worker(node, self.folder, "127.0.0.1:0"))
        except BaseException:
            self.close()
            raise

    def replace(self, index: int, node: Node) -> Worker:
        """Drains a worker and starts this one in its place; returns the one that is gone."""
        old = self.workers[index]
        old.drain()
        self.workers[index] = Worker(node, self.folder, old.address)
        old.close()
        return old

    def call(self, coordinator: Node, worker: int, *what: str) -> subprocess.CompletedProcess[str]:
        return self.run(coordinator, [self.workers[worker].address], *what)

    def run(self, coordinator: Node, addresses: list[str], *what: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([coordinator.program("ftexec"), *addresses, "--token-file", self.folder / "token", *what],
                              capture_output=True, text=True, timeout=4 * PATIENCE)

    def close(self) -> None:
        for worker in self.workers:
            worker.close()
        self._temporary.cleanup()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Load:
    """Coordinators, one after the other, each for some hundred calls, eight at once. The block fails if a call did."""
    CALLS = 800

    def __init__(self, coordinator: Node, cluster: Cluster) -> None:
        self.failure = ""
        self._coordinator, self._cluster = coordinator, cluster
        self._addresses = [worker.address for worker in cluster.workers]
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            while not self._enough.is_set() and not self.failure:
                done = self._cluster.run(self._coordinator, self._addresses,
                                         "--tag", "sleep:5", "-n", str(self.CALLS), "-c", "8")
                if done.returncode != 0:
                    self.failure = done.stdout + done.stderr
        except (OSError, subprocess.SubprocessError) as error:
            self.failure = str(error)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()
        assert not self.failure, self.failure
