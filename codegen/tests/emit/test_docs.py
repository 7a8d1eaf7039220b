# SPDX-License-Identifier: Apache-2.0
"""The protocol reference as a page: its links lead somewhere, its tables are tables, and it leaves nothing out."""
import re
import unittest
from pathlib import PurePosixPath

from ftgen.emit import docs, jsonschema, skew
from ftgen.load import load
from ftgen.lower.markdown import slug
from ftgen.model import Sum
from ftgen.walk import owners
from tests.golden import REAL, REPOSITORY, SCHEMAS

PAGE = "docs/PROTOCOL.md"


class Pages(unittest.TestCase):
    """Everything is asked of the own schema and of every golden one."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.protocols = [load(path)[0] for path in (REAL, *(folder / "schema.yaml" for folder in SCHEMAS))]
        cls.pages = {p.name: docs.emit(p)[PAGE] for p in cls.protocols}

    def test_every_link_leads_somewhere(self) -> None:
        for protocol in self.protocols:
            page = self.pages[protocol.name]
            headings = [slug(h) for h in re.findall(r"^#+ (.*)$", page, re.MULTILINE)]
            files = {*jsonschema.emit(protocol), *skew.emit(protocol)}
            links = re.findall(r"(?<!\\)\]\(([^)]*)\)", page)
            with self.subTest(protocol.name):
                self.assertEqual(len(headings), len(set(headings)), "two headings have one anchor")
                self.assertGreater(len(links), 5)
                for link in sorted(set(links)):
                    if link.startswith("#"):
                        self.assertIn(link[1:], headings)
                    else:
                        self.assertIn(_beside(PAGE, link), files)

    def test_every_table_is_one(self) -> None:
        """The rows of a table have as many cells as its head."""
        for name, page in self.pages.items():
            cells = 0
            for number, line in enumerate(page.splitlines(), 1):
                found = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
                self.assertTrue(not cells or not found or found == cells, f"{name}, line {number}: {line}")
                cells = found

    def test_nothing_is_left_out(self) -> None:
        for protocol in self.protocols:
            page = self.pages[protocol.name]
            for message in protocol.messages:
                self.assertIn(f"| `{message.name}` | `0x{message.byte:02x}` | {message.sender} |", page)
            for phase in protocol.phases:
                self.assertIn(f"| `{phase.name}` | {phase.max_payload} bytes |", page)
            sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
            for declaration in protocol.declarations().values():
                with self.subTest(protocol.name, type=declaration.name):
                    section = sections[declaration.name]
                    for owner in owners(declaration):
                        for field in owner.fields:
                            self.assertIn(f"\n| `{field.name}` |", section)
                    for variant in declaration.variants if isinstance(declaration, Sum) else ():
                        self.assertIn(f'`"{variant.wire_name}"`', section)
                    for rule in getattr(declaration, "rules", ()):
                        self.assertIn(f"| `{rule.id}` |", section)

    def test_rules_are_explained_where_there_are_any(self) -> None:
        for protocol in self.protocols:
            page = self.pages[protocol.name]
            has_rules = any(getattr(d, "rules", ()) for d in protocol.declarations().values())
            with self.subTest(protocol.name):
                self.assertEqual(has_rules, "### What rules say\n" in page)
                used = set(re.findall(r"\b(\w+)\(", " ".join(
                    r.text for d in protocol.declarations().values() for r in getattr(d, "rules", ()))))
                self.assertLessEqual({f"| `{name}(" for name in used}, set(re.findall(r"^\| `\w+\(", page, re.M)))

    def test_messages_that_nobody_asks_for_are_noted(self) -> None:
        protocol, _ = load(REPOSITORY / "examples" / "kv" / "kv.yaml")
        page = docs.emit(protocol)[PAGE]
        noted = re.findall(r"^\| `(\w+)` \| `0x.* Answers nothing, and is not answered\.", page, re.M)
        self.assertEqual([m.name for m in protocol.messages if m.unasked], noted)
        self.assertEqual(["CHANGED"], noted)

    def test_no_line_ends_in_white_space_and_no_gap_is_wide(self) -> None:
        for protocol in self.protocols:
            for page in (self.pages[protocol.name], skew.emit(protocol)["docs/SKEW.md"]):
                self.assertIsNone(re.search(r"[ \t]$|\n\n\n", page, re.MULTILINE), protocol.name)

    def test_examples_stand_on_the_page(self) -> None:
        payload = '{"version":0,"key":"secret","content":{"Ask":{"text":"","depth":1}}}'
        self.assertIn(f"```text\n01 {len(payload):02x} 00 00 00\n{payload}\n```", self.pages["messages"])


def _beside(page: str, link: str) -> str:
    """A relative link of a page, as a path below generated/."""
    parts: list[str] = []
    for part in (PurePosixPath(page).parent / link).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


if __name__ == "__main__":
    unittest.main()
