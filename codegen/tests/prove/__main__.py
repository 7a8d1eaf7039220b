# SPDX-License-Identifier: Apache-2.0
"""More of what the tests of this folder do: random schemas, random changes, and both codecs compiled.

    cmake/ftgen-python -m tests.prove --schemas 1000 --seed 1               # with the oracle alone
    cmake/ftgen-python -m tests.prove --schemas 20 --seed 1 --compile       # and with g++, some ten seconds each

Prints each schema, by its seed, on which something is not as it should be, and which share of the findings has a
witness; exit status 1 if there is one.
"""
from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from ftgen.breaking import Category, compare
from tests.prove.changes import as_loaded, random_change
from tests.prove.program import Compiler, Failed
from tests.prove.proof import UNSEEN, Trial
from tests.prove.schemas import schema
from tests.prove.test_compiled import Pair


def wrong_with_oracle(seed: int, witnesses: Counter) -> Iterator[str]:
    random = Random(seed)
    old = schema(random)
    if as_loaded(old) != old:
        yield "YAML makes another protocol of it"
    for breaking in (False, True):
        change = random_change(random, old, breaking)
        if change is None:
            continue
        found = compare(old, change.protocol, Category.JSON)
        rules = {f.rule for f in found}
        trial = Trial(old, change.protocol, random)
        if not breaking:
            yield from (f"false alarm after {change.name}: {f}" for f in found)
            said = trial.misunderstanding(20) or trial.at_edges()
            if said is not None:
                yield f"misunderstood after {change.name}: {said}"
        elif not rules & change.rules:
            yield f"not reported: {change.name}; there are {sorted(rules)}"
        elif not rules & UNSEEN:
            witnesses[change.name, trial.witness(60) is not None] += 1


def wrong_compiled(compiler: Compiler, seed: int) -> Iterator[str]:
    try:
        yield from (f"C++: {found}" for found in Pair(compiler, seed).misunderstandings())
    except Failed as failed:
        yield f"C++ does not compile: {failed}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="prove", description=__doc__.splitlines()[0])
    parser.add_argument("--schemas", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="of the first schema; the next ones follow")
    parser.add_argument("--compile", action="store_true", help="compile the C++ of each as well")
    given = parser.parse_args()
    witnesses: Counter[tuple[str, bool]] = Counter()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        compiler = Compiler(Path(folder)) if given.compile else None
        for seed in range(given.seed, given.seed + given.schemas):
            wrong = [*wrong_with_oracle(seed, witnesses), *(wrong_compiled(compiler, seed) if compiler else ())]
            failed += bool(wrong)
            for text in wrong[:3]:
                print(f"seed {seed}: {text}", flush=True)
    with_one = sum(n for (_, has), n in witnesses.items() if has)
    print(f"{given.schemas} schemas, {failed} of them with something wrong; "
          f"{with_one} of {sum(witnesses.values())} findings have a witness")
    for (name, has), count in sorted(witnesses.items()):
        if not has:
            print(f"  {name}: {count} without, {witnesses[name, True]} with")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
