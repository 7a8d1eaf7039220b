# SPDX-License-Identifier: Apache-2.0
"""The command line: generate, check, lint, breaking, freeze, project, explain. Exit status 0 is fine, 1 something was
found, 2 wrong usage.

Diagnostics go to standard error, results to standard output.
"""
from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterable, Sequence
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

SCHEMA = "schema/fragment_transport.yaml"
OUT = "generated"


class Refused(Exception):
    """A request that cannot be met, in words for the user."""


def main(arguments: Sequence[str] | None = None, emitters: Iterable = EMITTERS) -> int:
    """`emitters` replaces those of ftgen.emit, in tests."""
    options = _parser().parse_args(arguments)
    try:
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
    except OSError as error:
        print(f"ftgen: {error.filename or options.out}: {error.strerror}", file=sys.stderr)
    except (Refused, lock.Unreadable) as error:
        print(f"ftgen: {error}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ftgen", description="Turns a protocol schema into code.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        if name != "explain":
            command.add_argument("--schema", default=SCHEMA, metavar="FILE", help="the root file (default: %(default)s)")
        return command

    for name, text in (("generate", "write the generated files"),
                       ("check", "compare the generated files with what the schema says, and change nothing")):
        add(name, text).add_argument("--out", default=OUT, metavar="FOLDER", help="the output folder (default: %(default)s)")
    add("lint", "report what is legal and still not good")
    command = add("breaking", "report what nodes, tools or sources of a released version would not understand")
    command.add_argument("--against", metavar="FILE", help="a lock, or the root file of a schema, instead of all locks")
    command.add_argument("--category", choices=[c.name for c in breaking.Category], default=breaking.Category.JSON.name,
                         help="WIRE: frames and versions; JSON: also payloads; SOURCE: also C++ (default: %(default)s)")
    command = add("freeze", "write the lock of a version that is released")
    command.add_argument("--version", type=int, metavar="N", help="default: versions.current")
    command = add("project", "write the schema as one version alone sees it")
    command.add_argument("--version", type=int, metavar="N", required=True)
    command.add_argument("--out", metavar="FOLDER", required=True, help="a folder for the schema files")
    add("explain", "say more about a diagnostic").add_argument("code", metavar="CODE", nargs="?",
                                                               help="such as FT302; all without it")
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
    version = protocol.current_version if options.version is None else options.version
    _in_window(protocol, version)
    try:
        path, written = lock.freeze(protocol, version, lock.folder_of(Path(options.schema)))
    except lock.Altered as altered:
        print(f"ftgen: version {version} is frozen in {altered}, and the schema says something else of it now\n"
              f"    hint: `ftgen breaking` says what; add it in a version of its own", file=sys.stderr)
        return 1
    print(f"{path}: version {version} is frozen" if written else f"{path}: version {version} was frozen, as it is")
    return 0


def _project(options: argparse.Namespace, protocol: Protocol) -> int:
    _in_window(protocol, options.version)
    files = schema_files(project(protocol, options.version))
    folder = Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    print(f"{folder / protocol.name}.yaml: version {options.version}, {len(files)} files")
    return 0


def _in_window(protocol: Protocol, version: int) -> None:
    if version not in protocol.window:
        raise Refused(f"there is no version {version}: versions are {protocol.min_version} to {protocol.current_version}")


def _breaking(options: argparse.Namespace, protocol: Protocol) -> int:
    if options.against is None:
        olds = {f"version {version}": old for version, old in lock.read(lock.folder_of(Path(options.schema))).items()}
        if not olds:
            raise Refused(f"no version is frozen in {lock.folder_of(Path(options.schema))}; `ftgen freeze` does it")
    else:
        against = Path(options.against)
        old = lock.read_one(against) if against.suffix == ".json" else _load(against)
        if old is None:
            return 1
        olds = {options.against: old}
    found = 0
    for name, old in olds.items():
        findings = breaking.compare(old, protocol, breaking.Category[options.category])
        found += len(findings)
        for finding in findings:
            print(f"{finding}", file=sys.stderr)
        print(f"against {name}: {len(findings) or 'nothing'} {'found' if findings else 'breaks'}")
    return 1 if found else 0


def _explain(code: str | None) -> int:
    if code is None:
        for known in CODES.values():
            print(f"{known.code}  {known.title}")
        return 0
    text = explain(code)
    if text is None:
        print(f"ftgen: there is no code {code}; `ftgen explain` lists all", file=sys.stderr)
        return 2
    print(text, end="")
    return 0


def _complain(diagnostics: Iterable[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        print(diagnostic, file=sys.stderr)
