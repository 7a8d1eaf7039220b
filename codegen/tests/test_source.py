# SPDX-License-Identifier: Apache-2.0
from ftgen.diagnostics import Report
from ftgen.model import Place
from ftgen.source import MAX_BYTES, Mapping, read
from tests.support import SchemaTest, codes


class Source(SchemaTest):
    def read(self, content: str | bytes) -> tuple[Mapping | None, Report]:
        report = Report()
        return read(self.write("a.yaml", content), "schema/a.yaml", report), report

    def values(self, content: str) -> dict:
        node, report = self.read(content)
        self.assertEqual([], codes(report))
        return {key.text: value.value for key, value in node.entries}

    def test_scalars_mean_what_they_look_like(self) -> None:
        self.assertEqual({"a": 12, "b": -3, "c": 0x81, "d": 1000, "e": 0},
                         self.values("a: 12\nb: -3\nc: 0x81\nd: 1_000\ne: 0"))
        self.assertEqual({"a": True, "b": False, "c": None, "d": None, "e": None},
                         self.values("a: true\nb: false\nc: null\nd: ~\ne:"))

    def test_names_are_text(self) -> None:
        self.assertEqual({"a": "Null", "b": "No", "c": "on", "d": "True", "e": "010", "f": "1.5", "g": "1e3",
                          "h": "1_"},
                         self.values("a: Null\nb: No\nc: on\nd: True\ne: 010\nf: 1.5\ng: 1e3\nh: 1_"))
        self.assertEqual({"a": "12", "b": "", "c": "true"}, self.values("a: '12'\nb: \"\"\nc: 'true'"))
        self.assertEqual({"on": 1, "12": 2, "null": 3}, self.values("on: 1\n12: 2\nnull: 3"))

    def test_enormous_numbers_are_text(self) -> None:
        self.assertEqual({"a": "9" * 5000}, self.values("a: " + "9" * 5000))

    def test_places(self) -> None:
        node, _ = self.read("a:\n  bb: [x, 'y']\n  c: {d: z}\n")
        inner = node.get("a")
        items = inner.get("bb").items
        self.assertEqual(Place("schema/a.yaml", 2, 3), inner.entries[0][0].place)
        self.assertEqual([(2, 8), (2, 12)], [(i.place.line, i.place.column) for i in items])
        self.assertEqual("schema/a.yaml:3:10", str(inner.get("c").get("d").place))

    def test_offsets_are_columns_where_the_text_is_verbatim(self) -> None:
        node, _ = self.read("a: abc\nb: 'abc'\nc: \"a\\tbc\"\nd: >\n  abc\n  def\n")
        self.assertEqual([(1, 6), (2, 7), (3, 5), (4, 4)],
                         [(p.line, p.column) for p in (value.at(2) for _, value in node.entries)])

    def test_every_mistake_of_a_file_is_told(self) -> None:
        node, report = self.read("a: 1\na: 2\nb: &x 1\nc: *x\nb: 3\n")
        self.assertIsNone(node)
        self.assertEqual(["FT106", "FT107", "FT107", "FT106"], codes(report))

    def test_encoding(self) -> None:
        for content, line, column in ((b"a: \xff", 1, 4), (b"a: 1\nb: \xc3\xa9\xed\xa0\x80", 2, 5),
                                      (b"\xef\xbb\xbfa: 1", 1, 1),
                                      (b"a: 1\rb: 2", 1, 5), (b"a: x\0", 1, 5), ("a: \u2028".encode(), 1, 4)):
            with self.subTest(content):
                node, report = self.read(content)
                self.assertIsNone(node)
                found, = report.sorted()
                self.assertEqual(("FT102", line, column), (found.code, found.place.line, found.place.column))
        self.assertEqual({"a": 1, "b": 2}, self.values("a: 1\r\nb: 2\r\n"))

    def test_escaped_surrogates_do_not_get_in(self) -> None:
        node, report = self.read('a: "\\ud800"')
        self.assertIsNone(node)
        self.assertEqual(["FT102"], codes(report))

    def test_size_and_depth(self) -> None:
        self.assertEqual(["FT108"], codes(self.read("a: " + "x" * MAX_BYTES)[1]))
        self.assertEqual(["FT108"], codes(self.read("{a: " * 5000)[1]))
        self.assertEqual([], codes(self.read("a: " + "[" * 31 + "]" * 31)[1]))

    def test_unreadable(self) -> None:
        report = Report()
        self.assertIsNone(read(self.folder, "schema", report))
        self.assertIsNone(read(self.folder / "none.yaml", "none", report, Place("root.yaml", 3, 4)))
        self.assertEqual([("FT101", "schema:1:1"), ("FT101", "root.yaml:3:4")],
                         [(d.code, str(d.place)) for d in report.sorted()])

    def test_directives_documents_and_odd_keys(self) -> None:
        for content, code in (("%YAML 1.1\n---\na: 1\n", "FT107"), ("a: 1\n---\nb: 2\n", "FT104"),
                              ("[a]: 1\n", "FT105"),
                              ("? {a: b}\n: 1\n", "FT105"), ("just words", "FT203"), ("", "FT104"), ("---\n", "FT104"),
                              ("~", "FT104"), ("a: !x 1", "FT107"), ("a: ! 1", "FT107"), ("a: @b", "FT105"),
                              ("}", "FT105")):
            with self.subTest(content):
                node, report = self.read(content)
                self.assertIsNone(node)
                self.assertEqual([code], codes(report))
