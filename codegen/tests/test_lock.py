# SPDX-License-Identifier: Apache-2.0
import dataclasses

from ftgen import ir, lock
from ftgen.load import load
from ftgen.project import project
from tests.support import SchemaTest
from tests.test_ir import OWN
from tests.test_project import BUMP


class Lock(SchemaTest):
    def setUp(self) -> None:
        super().setUp()
        self.protocol = self.good(BUMP)
        self.locks = self.folder / "lock"

    def test_a_version_is_frozen_once(self) -> None:
        path, written = lock.freeze(self.protocol, 1, self.locks)
        self.assertEqual((self.locks / "v1.json", True), (path, written))
        before = path.read_bytes()
        self.assertEqual((path, False), lock.freeze(dataclasses.replace(self.protocol, doc="Better."), 1, self.locks))
        with self.assertRaises(lock.Altered):
            lock.freeze(dataclasses.replace(self.protocol, max_payload=999), 1, self.locks)
        self.assertEqual(before, path.read_bytes())

    def test_locks_are_read_by_version(self) -> None:
        for version in (2, 1):
            lock.freeze(self.protocol, version, self.locks)
        (self.locks / "README.md").write_text("mine")
        self.assertEqual({v: ir.dump(project(self.protocol, v)) for v in (1, 2)},
                         {v: ir.dump(p) for v, p in lock.read(self.locks).items()})

    def test_a_broken_lock_is_named(self) -> None:
        self.locks.mkdir()
        (self.locks / "v1.json").write_text("{}")
        with self.assertRaisesRegex(lock.Unreadable, "v1.json is no lock"):
            lock.read(self.locks)

    def test_own_versions_are_frozen_as_they_are(self) -> None:
        protocol, _ = load(OWN)
        locks = lock.read(lock.folder_of(OWN))
        self.assertEqual(set(protocol.window), set(locks))
        for version, locked in locks.items():
            self.assertEqual(ir.digest(locked), ir.digest(project(protocol, version)))
