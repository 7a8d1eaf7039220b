# SPDX-License-Identifier: Apache-2.0
"""Locks, through the commands: a release is frozen, the schema is edited, `breaking` and `freeze` say what that means."""
import json
import resource
import subprocess
import sys
from pathlib import Path

from ftgen import breaking, ir, lock
from ftgen.load import load
from ftgen.project import frozen, project
from tests.breaking.test_cases import run
from tests.support import SchemaTest
from tests.test_ir import OWN
from tests.test_project import BUMP

KV = OWN.parents[1] / "examples" / "kv" / "kv.yaml"
TRACE = "      trace: {type: optional<string>, max_bytes: 55, emit: when_set, lossy: A hint., doc: Of the caller.%s}\n"


class Locks(SchemaTest):
    maxDiff = None

    def setUp(self) -> None:
        super().setUp()
        self.protocol = self.good(BUMP)             # versions 1 to 4
        self.schema = self.folder / "small.yaml"
        self.locks = self.folder / "lock"

    def run_it(self, command: str, *arguments: str) -> tuple[int, str, str]:
        status, out, err = run(command, "--schema", str(self.schema), *arguments)
        return status, out.replace(f"{self.folder}/", ""), err.replace(f"{self.folder}/", "")

    def release(self, low: int, high: int, *versions: int) -> None:
        self.edit("{min: 1, current: 4}", f"{{min: {low}, current: {high}}}")
        for version in versions or range(low, high + 1):
            self.assertEqual(0, self.run_it("freeze", "--version", str(version))[0])

    def edit(self, old: str, new: str) -> None:
        text = self.schema.read_text()
        self.assertEqual(1, text.count(old), old)
        self.schema.write_text(text.replace(old, new))

    def found(self) -> list[str]:
        status, out, err = self.run_it("breaking")
        said = [line.split(" ", 1)[1].partition(": ")[0] for line in err.splitlines() if not line.startswith("    hint:")]
        self.assertEqual((1 if said else 0, bool(said)), (status, " found\n" in out), err)
        return said

    # -- what freeze writes ------------------------------------------------------------------------------------------

    def test_the_first_release_freezes_every_version(self) -> None:
        self.release(1, 2, 1)
        self.locks.joinpath("v1.json").unlink()
        self.assertEqual((0, "lock/v1.json: version 1 is frozen\nlock/v2.json: version 2 is frozen\n", ""),
                         self.run_it("freeze"))
        self.assertEqual((0, "lock/v1.json: version 1 was frozen, as it is\nlock/v2.json: version 2 was frozen, as it is\n",
                          ""), self.run_it("freeze"))
        self.assertEqual([], self.found())

    def test_a_lock_holds_what_its_version_is(self) -> None:
        self.release(1, 2)
        protocol, _ = load(self.schema)
        (self.locks / "README.md").write_text("mine")
        locks = lock.read(self.locks)
        self.assertEqual([1, 2], list(locks))
        for version, locked in locks.items():
            self.assertEqual(ir.dump(frozen(protocol, version)), ir.dump(locked))
            self.assertEqual(ir.dump(project(protocol, version)), ir.dump(project(locked, version)))

    def test_words_alone_are_no_change(self) -> None:
        self.release(1, 2, 1)
        before = self.locks.joinpath("v1.json").read_bytes()
        self.edit("bytes(text) <= 10", "(bytes(text)<=10)")
        self.edit("Names it.", "Its name.")
        self.assertEqual([], self.found())
        self.assertEqual((0, "lock/v1.json: version 1 was frozen, as it is\n", ""), self.run_it("freeze", "--version", "1"))
        self.assertEqual(before, self.locks.joinpath("v1.json").read_bytes())

    def test_nothing_is_frozen_while_an_older_version_is_broken(self) -> None:
        self.release(1, 2, 1)
        self.edit("words, in: 2", "word, in: 2")
        status, out, err = self.run_it("freeze")
        self.assertEqual((1, ""), (status, out))
        self.assertIn("KEY_GONE JSON Question.words (version 1): the required key is gone\n    hint: ", err)
        self.assertIn("ftgen: nothing is frozen", err)
        self.assertFalse(self.locks.joinpath("v2.json").exists())

    def test_a_lock_is_whole_or_not_there(self) -> None:
        self.release(1, 2, 1)
        done = subprocess.run([sys.executable, "-m", "ftgen", "freeze", "--schema", str(self.schema)], capture_output=True,
                              text=True, cwd=Path(__file__).parents[1],
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
        self.assertEqual((1, "ftgen: output: File too large\n"), (done.returncode, done.stderr))
        self.assertEqual(["v1.json"], [path.name for path in self.locks.iterdir()])

    # -- what breaking sees ------------------------------------------------------------------------------------------

    def test_what_older_messages_read_as(self) -> None:
        """`weight` came with version 2, `old` went with it."""
        self.release(1, 2)
        self.edit("absent: 3", "absent: 4")
        self.assertEqual(["ABSENT_VALUE_CHANGED JSON Question.weight (version 1)"], self.found())
        self.edit("absent: 4", "absent: 3")
        self.edit("absent: 0", "absent: 1")
        self.assertEqual(["ABSENT_VALUE_CHANGED JSON Question.old (version 2)"], self.found())

    def test_what_is_equal_in_several_versions_is_said_once(self) -> None:
        self.release(1, 2)
        self.edit("id: {type: u64", "id: {type: u32")
        status, out, err = self.run_it("breaking")
        self.assertEqual((1, "against version 1: 1 found\nagainst version 2: 1 found\n"), (status, out))
        self.assertRegex(err, r"^schema/small.yaml:\d+:7 TYPE_CHANGED JSON Question.id \(versions 1, 2\): was u64, is u32\n"
                              r"    hint: .*gets a name of its own.*\n$")

    def test_keys_that_join_a_released_version_are_frozen_as_well(self) -> None:
        self.release(1, 2)
        self.edit("    rules:\n      - {id: short", TRACE % "" + "    rules:\n      - {id: short")
        self.assertEqual(["KEY_UNFROZEN JSON Question.trace (versions 1, 2)"], self.found())
        self.assertEqual((0, "".join(f"lock/v{v}.json: version {v} was frozen, and has these keys from now on: "
                                     "Question.trace\n" for v in (1, 2)), ""), self.run_it("freeze"))
        self.assertEqual([], self.found())
        for version, locked in lock.read(self.locks).items():
            self.assertEqual(ir.dump(frozen(load(self.schema)[0], version)), ir.dump(locked))
        self.edit("trace: {type: optional<string>, max_bytes: 55", "trace: {type: optional<u64>")
        self.assertEqual(["LIMIT_CHANGED JSON Question.trace (versions 1, 2)",
                          "TYPE_CHANGED JSON Question.trace (versions 1, 2)"], sorted(self.found()))
        self.edit(TRACE.replace("string>, max_bytes: 55", "u64>") % "", "")
        self.assertEqual(["KEY_GONE JSON Question.trace (versions 1, 2)"], self.found())

    def test_a_key_brings_its_types_and_nothing_else_into_a_lock(self) -> None:
        """What else was added since, such as a spelling, is not frozen by that."""
        self.release(1, 2, 1)
        self.edit("Names it.}", "Names it., aliases: [number]}")
        self.edit("      bytes: {", "      from: {type: optional<Caller>, emit: when_set, lossy: A hint., doc: Who.}\n      bytes: {")
        self.edit("  Statement:", "  Caller: {doc: Who asks., fields: {host: {type: Host, doc: Where.}}}\n"
                                  "  Host: {doc: Of a caller., newtype: string}\n  Statement:")
        before = lock.read(self.locks)[1]
        self.assertEqual(0, self.run_it("freeze", "--version", "1")[0])
        after = lock.read(self.locks)[1]
        self.assertEqual({"Caller", "Host"}, after.declarations().keys() - before.declarations().keys())
        fields = {f.name: f for f in after.declarations()["Question"].fields}
        self.assertEqual(["id", "words", "old", "from", "bytes"], list(fields))
        self.assertEqual((), fields["id"].aliases)
        self.assertEqual([], self.found())
        self.edit("newtype: string", "newtype: u64")
        self.assertEqual(["TYPE_CHANGED JSON Caller.host (version 1)"], self.found())

    def test_a_key_of_a_struct_variant(self) -> None:
        self.edit("Failed: {doc: It went wrong., type: string}",
                  "Failed: {doc: It went wrong., fields: {why: {type: string, doc: In words.}}}")
        self.release(1, 2, 1)
        self.edit("why: {type: string, doc: In words.}", "why: {type: string, doc: In words.}, "
                  "hint: {type: optional<u8>, emit: when_set, lossy: A hint., doc: More.}")
        self.assertEqual(["KEY_UNFROZEN JSON Outcome.Failed.hint (version 1)"], self.found())
        self.assertEqual(0, self.run_it("freeze", "--version", "1")[0])
        self.assertEqual([], self.found())

    def test_names_that_a_lock_uses_otherwise(self) -> None:
        self.edit("id: {type: u64", "id: {type: Id")
        self.edit("  Statement:", "  Id: {doc: A name., newtype: u64}\n  Statement:")
        self.release(1, 2, 1)
        self.edit("id: {type: Id", "id: {type: Number")
        self.edit("  Id: {doc: A name., newtype: u64}\n", "  Number: {doc: A name., newtype: u64}\n"
                  "  Id: {doc: Another., newtype: string}\n")
        self.edit("      bytes: {", "      from: {type: optional<Id>, emit: when_set, lossy: A hint., doc: Who.}\n      bytes: {")
        status, _, err = self.run_it("freeze", "--version", "1")
        self.assertEqual((1, "ftgen: lock/v1.json: types of the keys to be added have names that others had there; choose "
                          "other ones\n"), (status, err))

    # -- locks that are not as they should be ------------------------------------------------------------------------

    def test_a_lock_that_is_missing(self) -> None:
        self.release(1, 3, 1)
        self.assertEqual(["LOCK_MISSING WIRE lock/v2.json"], self.found())      # 3 is in the making
        self.assertEqual(0, self.run_it("freeze")[0])
        self.assertEqual([], self.found())
        self.locks.joinpath("v1.json").unlink()
        self.edit("words, in: 2", "word, in: 2")
        self.assertEqual(["LOCK_MISSING WIRE lock/v1.json"], self.found())
        status, _, err = self.run_it("freeze")                                  # not made anew in passing
        self.assertEqual(1, status)
        self.assertIn("LOCK_MISSING", err)
        self.assertFalse(self.locks.joinpath("v1.json").exists())
        self.assertEqual(0, self.run_it("freeze", "--version", "1")[0])
        self.assertEqual([], self.found())

    def test_the_lock_of_another_version_or_protocol(self) -> None:
        self.release(1, 2)
        self.locks.joinpath("v2.json").write_bytes(self.locks.joinpath("v1.json").read_bytes())
        self.assertEqual(["LOCK_WRONG WIRE lock/v2.json"], self.found())
        self.edit("protocol: small", "protocol: other")
        self.assertEqual(["LOCK_WRONG WIRE lock/v1.json", "LOCK_WRONG WIRE lock/v2.json"], self.found())
        status, _, err = self.run_it("freeze")
        self.assertEqual(1, status)
        self.assertIn("was version 1 of small, is the lock of version 2 of other", err)

    def test_a_file_that_is_no_lock(self) -> None:
        self.release(1, 2, 1)
        path = self.locks / "v1.json"
        good = path.read_text()
        for text in ("{}", good[:100], *(json.dumps({**json.loads(good), **change}) for change in (
                {"limits": 5}, {"min_version": "1"}, {"families": [1]}, {"kind": "Sum"}))):
            path.write_text(text)
            for command in ("breaking", "freeze"):
                with self.subTest(text[:30], command=command):
                    status, _, err = self.run_it(command)
                    self.assertEqual(1, status)
                    self.assertRegex(err, r"^ftgen: lock/v1\.json is no lock: .*\n$")

    # -- own ---------------------------------------------------------------------------------------------------------

    def test_own_versions_are_frozen_as_they_are(self) -> None:
        for schema, released in ((OWN, (1,)), (KV, (1, 2))):
            protocol, _ = load(schema)
            locks = lock.read(lock.folder_of(schema))
            self.assertEqual(released, tuple(locks))
            self.assertEqual({v: [] for v in released}, breaking.against_locks(locks, protocol))
