# SPDX-License-Identifier: Apache-2.0
"""The command line: generate, check, lint, explain. Exit status 0 is fine, 1 something was found, 2 wrong usage.

Diagnostics go to standard error, results to standard output.
"""
from __future__ import annotations

import argparse
import importlib
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ftgen.codes import CODES, explain
from ftgen.diagnostics import Diagnostic, Severity
from ftgen.load import load
from ftgen.model import Protocol
from ftgen.sink import Compare, Disk

SCHEMA = "schema/fragment_transport.yaml"
OUT = "generated"


def main(arguments: Sequence[str] | None = None, emitters: Iterable | None = None) -> int:
    """`emitters` replaces those of ftgen.emit, in tests; each has emit(protocol) -> {path: text}."""
    options = _parser().parse_args(arguments)
    if options.command == "explain":
        return _explain(options.code)
    protocol, diagnostics = load(Path(options.schema))
    if options.command == "lint":
        return _lint(options, diagnostics)
    if protocol is None:
        _complain(d for d in diagnostics if d.severity is Severity.ERROR)
        return 1
    files = _emit(protocol, importlib.import_module("ftgen.emit").EMITTERS if emitters is None else emitters)
    try:
        return _generate(options, files) if options.command == "generate" else _check(options, files)
    except OSError as error:
        print(f"ftgen: {error.filename or options.out}: {error.strerror}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ftgen", description="Turns a protocol schema into code.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text)

    for name, text in (("generate", "write the generated files"),
                       ("check", "compare the generated files with what the schema says, and change nothing"),
                       ("lint", "report what is legal and still not good")):
        command = add(name, text)
        command.add_argument("--schema", default=SCHEMA, metavar="FILE", help="the root file (default: %(default)s)")
        if name != "lint":
            command.add_argument("--out", default=OUT, metavar="FOLDER",
                                 help="the output folder (default: %(default)s)")
    add("explain", "say more about a diagnostic").add_argument("code", metavar="CODE", nargs="?",
                                                               help="such as FT302; all without it")
    return parser


def _emit(protocol: Protocol, emitters: Iterable) -> dict[str, str]:
    files: dict[str, str] = {}
    for emitter in emitters:
        for name, text in emitter.emit(protocol).items():
            if name in files:
                raise ValueError(f"two emitters write {name}")
            files[name] = text
    return files


def _generate(options: argparse.Namespace, files: dict[str, str]) -> int:
    disk = Disk(Path(options.out))
    found = disk.put(files)
    _complain(found)
    print(f"{options.out}: {len(files)} files, {disk.written} written, {disk.removed} removed")
    return 1 if found else 0


def _check(options: argparse.Namespace, files: dict[str, str]) -> int:
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


def _lint(options: argparse.Namespace, diagnostics: list[Diagnostic]) -> int:
    _complain(diagnostics)
    if diagnostics:
        return 1
    print(f"{options.schema}: nothing to say")
    return 0


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
