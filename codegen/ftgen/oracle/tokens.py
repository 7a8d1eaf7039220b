# SPDX-License-Identifier: Apache-2.0
"""JSON, byte by byte: a cursor over a text that checks all that it reads.

    reader = Reader(b'{"a": 1}', depth_limit=127)
    reader.open("{")                # raises Refused with the code, the JSON path and the byte of the first mistake

Strict: UTF-8, escapes, the grammar of numbers, nesting. The names of the codes are those of the runtime (`ft::errc`).
`path` grows and shrinks with the value that is being read, so that a mistake knows its place. Which of several
mistakes is the first is a part of the contract: a value is judged by its first byte, and what is cut at the end of the
text is an unexpected end.
"""
from __future__ import annotations

import re
from typing import NoReturn

from ftgen.oracle.values import Refused

_END_IS_MEANT = {"syntax", "control_character", "invalid_number", "invalid_escape", "invalid_utf8", "wrong_type"}
_VALUE_STARTS = b'"{[tfn-0123456789'
_DIGITS = re.compile(rb"[0-9]*")
_SPACE = re.compile(rb"[ \t\r\n]*")
_PLAIN = re.compile(rb"(?:[ !#-\[\]-\x7f]+|[\xc2-\xdf][\x80-\xbf]"
                    rb"|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
                    rb"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
                    rb"|\xf4[\x80-\x8f][\x80-\xbf]{2})*")
_ESCAPES = {ord('"'): '"', ord("\\"): "\\", ord("/"): "/", ord("b"): "\b", ord("f"): "\f", ord("n"): "\n",
            ord("r"): "\r",
            ord("t"): "\t"}
_HEX4 = re.compile(rb"[0-9a-fA-F]{4}")
_BEHIND = bytes(16)                 # zero bytes behind the text end every look ahead


class Reader:
    def __init__(self, text: bytes, depth_limit: int) -> None:
        self.text = text + _BEHIND
        self.end = len(text)
        self.at = 0
        self.path: list[str] = []
        self._depth = 0
        self._depth_limit = depth_limit

    # -- mistakes -----------------------------------------------------------------------------------------------------

    def fail(self, code: str, at: int | None = None) -> NoReturn:
        at = self.at if at is None else at
        if at >= self.end:
            at = self.end
            code = "unexpected_end" if code in _END_IS_MEANT else code
        raise Refused(code, "$" + "".join(self.path), at)

    def fail_value(self) -> NoReturn:
        """What stands here is not what is wanted: another kind of value, or none."""
        self.fail("wrong_type" if self.byte in _VALUE_STARTS else "syntax")

    # -- single bytes -------------------------------------------------------------------------------------------------

    @property
    def byte(self) -> int:
        return self.text[self.at]

    def stands(self, word: bytes) -> bool:
        return self.text.startswith(word, self.at)

    def space(self) -> None:
        if self.text[self.at] in b" \t\r\n":
            self.at = _SPACE.match(self.text, self.at).end()

    def take(self, wanted: bytes) -> bool:
        """Steps over white space, and over one of the wanted bytes if it comes next."""
        self.space()
        found = self.byte in wanted
        self.at += found
        return found

    def expect(self, wanted: bytes) -> None:
        if not self.take(wanted):
            self.fail("syntax")

    def end_of_text(self) -> None:
        self.space()
        if self.at != self.end:
            self.fail("trailing_bytes")

    # -- containers ---------------------------------------------------------------------------------------------------

    def open(self, bracket: bytes) -> None:
        """`{` or `[`, and the white space around it."""
        self.space()
        if self.byte not in bracket:
            self.fail_value()
        if self._depth == self._depth_limit:
            self.fail("depth_exceeded")
        self._depth += 1
        self.at += 1
        self.space()

    def close(self) -> None:
        """Behind the closing bracket, which the caller has seen."""
        self._depth -= 1

    def back_into(self, at: int) -> None:
        """To a value at the top of the outermost container, which was passed over before."""
        self.at = at
        self._depth = 1

    def next_item(self) -> bool:
        """Behind an item of an array: whether one more follows."""
        self.space()
        if self.byte not in b",]":
            self.fail("syntax")
        more = self.byte == ord(",")
        self.at += 1
        if not more:
            self.close()
        return more

    # -- strings ------------------------------------------------------------------------------------------------------

    def string(self) -> str:
        """A string; the caller has seen its quote."""
        self.at += 1
        pieces = []
        while True:
            plain = _PLAIN.match(self.text, self.at)
            pieces.append(plain[0].decode())
            self.at = plain.end()
            if self.byte == ord('"'):
                self.at += 1
                return "".join(pieces)
            if self.byte != ord("\\"):
                self.fail("control_character" if self.byte < 0x20 else "invalid_utf8")
            pieces.append(self._escape())

    def _escape(self) -> str:
        letter = self.text[self.at + 1]
        if letter in _ESCAPES:
            self.at += 2
            return _ESCAPES[letter]
        high = self._code_unit(self.at)
        if high is not None and not 0xD800 <= high <= 0xDFFF:
            self.at += 6
            return chr(high)
        low = self._code_unit(self.at + 6) if high is not None and high < 0xDC00 else None
        if low is not None and 0xDC00 <= low <= 0xDFFF:
            self.at += 12
            return chr(0x10000 + (high - 0xD800 << 10) + low - 0xDC00)
        self.fail("invalid_escape", self.end if self.at + 1 >= self.end else self.at)

    def _code_unit(self, at: int) -> int | None:
        digits = _HEX4.match(self.text, at + 2) if self.text.startswith(b"\\u", at) else None
        return int(digits[0], 16) if digits else None

    # -- numbers ------------------------------------------------------------------------------------------------------

    def digits(self, at: int) -> int:
        """Behind the digits at `at`, if there are any."""
        return _DIGITS.match(self.text, at).end()

    def number(self) -> tuple[int, bool]:
        """Where the number here ends, by its grammar, and True; or where it breaks, and False. Moves nothing."""
        integer = self.at + (self.byte == ord("-"))
        at = self.digits(integer)
        if at == integer:
            return at, False
        if self.text[integer] == ord("0") and at - integer > 1:
            return integer + 1, False
        if self.text[at] == ord("."):
            fraction = at + 1
            at = self.digits(fraction)
            if at == fraction:
                return at, False
        if self.text[at] in b"eE":
            exponent = at + 1 + (self.text[at + 1] in b"+-")
            at = self.digits(exponent)
            if at == exponent:
                return at, False
        return at, True

    # -- values that nobody looks at ----------------------------------------------------------------------------------

    def skip(self, finite: bool) -> None:
        """One value of any kind, checked; with `finite` a number must not overflow a double."""
        self.space()
        if self.byte in b"{[":
            self._skip_container(finite)
        elif self.byte == ord('"'):
            self.string()
        elif self.byte in b"-0123456789":
            self._skip_number(finite)
        else:
            word = next((w for w in (b"true", b"false", b"null") if self.stands(w)), None)
            if word is None:
                self.fail("syntax")
            self.at += len(word)

    def _skip_number(self, finite: bool) -> None:
        end, good = self.number()
        if not good:
            self.fail("invalid_number", end)
        if finite and float(self.text[self.at:end]) in (float("inf"), float("-inf")):
            self.fail("out_of_range")
        self.at = end

    def _skip_container(self, finite: bool) -> None:
        is_object = self.byte == ord("{")
        end = b"}" if is_object else b"]"
        self.open(b"{[")
        if self.byte not in end:
            while True:
                if is_object:
                    self.space()
                    if self.byte != ord('"'):
                        self.fail("syntax")
                    self.string()
                    self.expect(b":")
                self.skip(finite)
                if not self.take(b","):
                    break
        self.expect(end)
        self.close()
