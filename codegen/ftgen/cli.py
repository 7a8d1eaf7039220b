# SPDX-License-Identifier: Apache-2.0
"""The command line: generate, check, lint, breaking, freeze, project, explain. Exit status 0 is fine, 1 something was
found, 2 wrong usage.

Diagnostics go to standard error, results to standard output.
"""
from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ftgen import breaking, lock
from ftgen.codes import CODES, explain
from ftgen.diagnostics import Diagnostic, Severity
from ftgen.emit import EMITTERS, emit_all
from ftgen.load import load
from ftgen.model import Protocol
from ftgen.project import project
from ftgen.sink import Compare, Disk
from ftgen.unparse import schema_files

SCHEMA = "schema/fragment_transport.yaml"   # of this repository, where most commands are about it; any other is named
OUT = "generated"


class Refused(Exception):
    """A request that cannot be met, in words for the user."""


def main(arguments: Sequence[str] | None = None, emitters: Iterable = EMITTERS) -> int:
    """`emitters` replaces those of ftgen.emit, in tests."""
    options = _parser().parse_args(arguments)
    try:
        status = _run(options, emitters)
        print(end="", flush=True)
        return status
    except BrokenPipeError:         # whoever reads has enough; nobody is there to be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"ftgen: {error.filename or getattr(options, 'out', 'output')}: {error.strerror}", file=sys.stderr)
    except (Refused, lock.Clash, lock.Unreadable) as error:
        print(f"ftgen: {error}", file=sys.stderr)
    return 1


def _run(options: argparse.Namespace, emitters: Iterable) -> int:
    if options.command == "explain":
        return _explain(options.code)
    if options.command == "lint":
        return _lint(options)
    protocol = _load(Path(options.schema))
    if protocol is None:
        return 1
    match options.command:
        case "generate":
            return _generate(options, emit_all(protocol, emitters))
        case "check":
            return _check(options, emit_all(protocol, emitters))
        case "freeze":
            return _freeze(options, protocol)
        case "project":
            return _project(options, protocol)
        case "breaking":
            return _breaking(options, protocol)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ftgen", description="Turns a protocol schema into code.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        if name != "explain":
            command.add_argument("--schema", default=SCHEMA, metavar="FILE", help="the root file (default: this repository's, %(default)s)")
        return command

    for name, text in (("generate", "write the generated files"),
                       ("check", "compare the generated files with what the schema says, and change nothing")):
        add(name, text).add_argument("--out", default=OUT, metavar="FOLDER", help="the output folder (default: %(default)s)")
    add("lint", "report what is legal and still not good")
    command = add("breaking", "report what nodes, tools or sources of a released version would not understand")
    command.add_argument("--against", metavar="FILE", help="a lock, or the root file of a schema, instead of all locks")
    command.add_argument("--category", choices=[c.name for c in breaking.Category], default=breaking.Category.JSON.name,
                         help="WIRE: frames and versions; JSON: also payloads; SOURCE: also C++ (default: %(default)s)")
    command = add("freeze", "write the locks of versions that are released; add new keys to those that are there")
    command.add_argument("--version", type=int, metavar="N", help="this one alone (default: the current one, and all others)")
    command = add("project", "write the schema as one version alone sees it")
    command.add_argument("--version", type=int, metavar="N", required=True)
    command.add_argument("--out", metavar="FOLDER", required=True, help="a new or empty folder for the schema files")
    add("explain", "say more about a diagnostic or a finding").add_argument(
        "code", metavar="CODE", nargs="?", help="such as FT302 or KEY_GONE; all without it")
    return parser


def _load(schema: Path) -> Protocol | None:
    """The protocol, or None after the errors are told."""
    protocol, diagnostics = load(schema)
    if protocol is None:
        _complain(d for d in diagnostics if d.severity is Severity.ERROR)
    return protocol


def _generate(options: argparse.Namespace, files: dict[str, bytes]) -> int:
    disk = Disk(Path(options.out))
    found = disk.put(files)
    _complain(found)
    print(f"{options.out}: {len(files)} files, {disk.written} written, {disk.removed} removed")
    return 1 if found else 0


def _check(options: argparse.Namespace, files: dict[str, bytes]) -> int:
    command = ["./dev", "ftgen", "generate"]
    for key, default in (("schema", SCHEMA), ("out", OUT)):
        if getattr(options, key) != default:
            command += [f"--{key}", getattr(options, key)]
    compare = Compare(Path(options.out), shlex.join(command))
    found = compare.put(files)
    _complain(found)
    for lines in compare.diffs.values():
        print("", *lines, sep="\n", file=sys.stderr)
    if found:
        print(f"\n{options.out}: {len(found)} files are not as the schema says; run: {compare.command}",
              file=sys.stderr)
        return 1
    print(f"{options.out}: {len(files)} files, all up to date")
    return 0


def _lint(options: argparse.Namespace) -> int:
    _, diagnostics = load(Path(options.schema))
    _complain(diagnostics)
    if diagnostics:
        return 1
    print(f"{options.schema}: nothing to say")
    return 0


def _freeze(options: argparse.Namespace, protocol: Protocol) -> int:
    folder = lock.folder_of(Path(options.schema))
    locks = lock.read(folder)
    if options.version is not None:
        _in_window(protocol, options.version)
        versions = [options.version]
    else:                           # a lock that is missing below others was there, and is not made anew in passing
        versions = [v for v in protocol.window if v in locks or v > max(locks, default=0)]
    found = breaking.against_locks(locks, protocol, breaking.Category.JSON)
    for version, findings in found.items():
        mended = {"KEY_UNFROZEN", "LOCK_MISSING" if options.version or version in versions else ""}
        found[version] = [finding for finding in findings if finding.rule not in mended]
    if any(found.values()):
        _tell(found)
        raise Refused("nothing is frozen, since nodes of a frozen version would be misunderstood; see the hints")
    for version in versions:
        if version not in locks:
            print(f"{lock.freeze(protocol, version, folder)}: version {version} is frozen")
            continue
        keys = lock.extend(locks[version], protocol, folder)
        state = f"and has these keys from now on: {', '.join(keys)}" if keys else "as it is"
        print(f"{lock.path_of(version, folder)}: version {version} was frozen, {state}")
    return 0


def _project(options: argparse.Namespace, protocol: Protocol) -> int:
    _in_window(protocol, options.version)
    files = schema_files(project(protocol, options.version))
    folder = Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Refused(f"{folder} is not empty; choose a folder that is, or a new one")
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    print(f"{folder / protocol.name}.yaml: version {options.version}, {len(files)} files")
    return 0


def _in_window(protocol: Protocol, version: int) -> None:
    if version not in protocol.window:
        raise Refused(f"there is no version {version}: versions are {protocol.min_version} to {protocol.current_version}")


def _breaking(options: argparse.Namespace, protocol: Protocol) -> int:
    category = breaking.Category[options.category]
    if options.against is None:
        folder = lock.folder_of(Path(options.schema))
        locks = lock.read(folder)
        if not locks:
            raise Refused(f"no version is frozen in {folder}; `ftgen freeze` does it")
        found = breaking.against_locks(locks, protocol, category)
        _tell(found)
        told = {f"version {version}": findings for version, findings in found.items()}
    else:
        against = Path(options.against)
        old = lock.read_one(against) if against.suffix == ".json" else _load(against)
        if old is None:
            return 1
        told = {options.against: breaking.compare(old, protocol, category)}
        _tell(told)
    for name, findings in told.items():
        print(f"against {name}: {len(findings) or 'nothing'} {'found' if findings else 'breaks'}")
    return 1 if any(told.values()) else 0


def _tell(found: Mapping[object, Iterable[breaking.Finding]]) -> None:
    for finding in breaking.merged(finding for findings in found.values() for finding in findings):
        print(finding, file=sys.stderr)


def _explain(code: str | None) -> int:
    if code is None:
        for known in CODES.values():
            print(f"{known.code}  {known.title}")
        for rule in breaking.RULES:
            print(f"{rule.id}  {rule.purpose}")
        return 0
    text = explain(code) or breaking.explain(code)
    if text is None:
        print(f"ftgen: there is no code {code}; `ftgen explain` lists all", file=sys.stderr)
        return 2
    print(text, end="")
    return 0


def _complain(diagnostics: Iterable[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        print(diagnostic, file=sys.stderr)
