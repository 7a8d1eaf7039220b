# SPDX-License-Identifier: Apache-2.0
"""A rolling upgrade from version 1 to version 2 under load: workers first, then the coordinator, then version 1 is
dropped; not one call fails. And what becomes of a node that was forgotten."""
from __future__ import annotations

import json
import socket
import unittest

from cluster import PATIENCE, Cluster, Load, Worker
from nodes import Node, nodes

WORKERS = 3
REINDEX = json.dumps({"Reindex": {"index_ids": [7]}})      # a plan that version 2 alone has


class Upgrade(unittest.TestCase):
    def setUp(self) -> None:
        self.v1, self.both, self.v2 = (nodes()[name] for name in ("v1", "both", "v2"))

    def test_no_call_fails(self) -> None:
        with Cluster(self.v1, WORKERS) as cluster:
            old = self.under_load(self.v1, cluster, self.both)
            self.assertEqual([{1}] * WORKERS, [worker.versions() for worker in old])
            old = self.under_load(self.both, cluster, self.v2)
            self.assertEqual([{1, 2}] * WORKERS, [worker.versions() for worker in old])
            self.under_load(self.v2, cluster)
            self.assertEqual([{2}] * WORKERS, [worker.versions() for worker in cluster.workers])

    def under_load(self, coordinator: Node, cluster: Cluster, node: Node | None = None) -> list[Worker]:
        """All workers in turn are replaced while the coordinator calls them; returns those that are gone."""
        gone = []
        with Load(coordinator, cluster):
            for index in range(WORKERS if node is not None else 0):
                cluster.workers[index].await_calls(coordinator.window[-1])
                gone.append(cluster.replace(index, node))
            for worker in cluster.workers:
                worker.await_calls(coordinator.window[-1])
        return gone

    def test_the_other_order_works_but_for_what_is_new(self) -> None:
        with Cluster(self.v1, 1) as cluster:
            plan = cluster.folder / "plan.json"
            plan.write_text(REINDEX)
            self.assertEqual("x\n", cluster.call(self.both, 0, "--tag", "x").stdout)
            refused = cluster.call(self.both, 0, "--plan", str(plan))
            self.assertEqual(1, refused.returncode)
            self.assertIn("Reindex is not in version 1", refused.stderr)
            cluster.replace(0, self.both)
            arrived = cluster.call(self.both, 0, "--plan", str(plan))
            self.assertIn("(0A000): the synthetic executor plays the tags", arrived.stderr)

    def test_a_node_that_was_forgotten_is_told_why(self) -> None:
        with Cluster(self.v2, 1) as cluster:
            refused = cluster.call(self.v1, 0, "--tag", "x")
            self.assertEqual(1, refused.returncode)
            self.assertIn("version_unsupported (08006)", refused.stderr)
            self.assertIn("server accepts [2..=2], got 1", refused.stderr)
            self.assertEqual("x\n", cluster.call(self.both, 0, "--tag", "x").stdout)

    def test_a_message_that_no_code_serves_yet_is_refused(self) -> None:
        with Cluster(self.both, 1) as cluster:
            token = (cluster.folder / "token").read_text().strip()
            asked = {"DescribeFragment": {"request_id": 7}}
            payload = json.dumps({"version": 2, "auth_token": token, "payload": asked})
            host, port = cluster.workers[0].address.split(":")
            with socket.create_connection((host, int(port)), PATIENCE) as client:
                client.sendall(bytes([4]) + len(payload).to_bytes(4, "little") + payload.encode())
                answer = b"".join(iter(lambda: client.recv(4096), b""))
            self.assertIn(b'{"version":2,', answer)
            self.assertIn(b"unexpected DescribeFragment from client", answer)
            self.assertIn(b'"sql_state":"08P01"', answer)


if __name__ == "__main__":
    unittest.main()
