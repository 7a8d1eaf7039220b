# SPDX-License-Identifier: Apache-2.0
"""The generator held against random schemas, and the judge of changes against random changes.

    schemas.py      small legal protocols of every kind of type, from a seed
    values.py       random messages that a version of a protocol can hold, and free spellings of them
    changes.py      random changes of a protocol, of which is known by construction whether they break
    proof.py        whether nodes of two schemas understand each other, tried with the oracle
    program.py      the generated C++ of a protocol as a program, and the same questions put to that

`cmake/ftgen-python -m tests.prove --schemas 100 --seed 7` does more of it than the tests have time for.
"""
