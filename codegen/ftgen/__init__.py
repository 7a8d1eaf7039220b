# SPDX-License-Identifier: Apache-2.0
"""ftgen turns a protocol described in YAML into code. `python3 -m ftgen --help`; the language: docs/schema-language.md.

The way of the data: source -> structure -> parse -> passes -> (lower -> emit) -> sink. `load.load` does the first
four of these.
"""
