# SPDX-License-Identifier: Apache-2.0
"""Labelled edits of the real schema: for each, exactly the rules that must speak. Breaking ones are all reported,
compatible ones give no alarm; some break nothing but C++."""
import unittest
from dataclasses import replace
from pathlib import Path

from ftgen.breaking import RULES, Category, compare
from ftgen.load import load
from ftgen.model import (ArrayOf, Binary, ListOf, Message, Missing, Name, Newtype, Number, OptionalOf, Ref, Renamed,
                         Rule, Scalar, SecretOf, Struct, TupleOf, UnitName, Variant, Versions)
from tests.breaking.edits import (envelope, families, field, fields, frame, limits, maybe, message, number, phase, protocol,
                                  rule, then, type_, unit, variant, versions, with_field, with_message, with_type,
                                  with_variant, without_field, without_message)

SCHEMA = Path(__file__).parents[3] / "schema" / "fragment_transport.yaml"
REQUEST, ERROR = "FragmentRequest", "FragmentResponse.Error"
GONE_AT_2, NEW_AT_2 = Versions(1, None, 2), Versions(2)
U64, TEXT = Scalar("u64"), Scalar("string")
V2 = versions(1, 2)
EXPLAIN = Message("MSG_EXPLAIN", 0x04, "client", (("Explain",),), (("Explain",),), "Explain a plan.", Versions(1))
EXPLAINED = Variant("Explain", "Explain", "Explain a plan.", Versions(1), type=Ref("CancelRequest"))
TICKETS = Rule("tickets", Binary("<", Name("txn_id"), Number(9)), "txn_id < 9", "too many", Versions(1))
FLOORED = Binary("!=", Name("request_id"), Number(1))

BREAKING = (
    # WIRE
    ("raise versions.min", then(versions(2, 2)), {"VERSION_DROPPED"}),
    ("halve the frame cap", then(frame(max_payload=2**25), phase("authenticated", max_payload=2**25)),
     {"FRAME_CAP_CHANGED", "PHASE_CAP_CHANGED"}),
    ("raise the cap of strangers", phase("unauthenticated", max_payload=2**20), {"PHASE_CAP_CHANGED"}),
    ("drop a phase", lambda p: replace(p, phases=p.phases[:1]), {"PHASES_CHANGED", "PHASE_NAME_GONE"}),
    ("less depth", limits(depth=100), {"DEPTH_CHANGED"}),
    ("another name under TLS", protocol(alpn="aiondb-fragment/2"), {"ALPN_CHANGED"}),
    ("less memory", limits(budget_per_payload_byte=4), {"BUDGET_LOWERED"}),
    ("judge the token no more", envelope(gate=("version",)), {"ENVELOPE_CHANGED"}),
    ("another byte", message("MSG_CANCEL_FRAGMENT", byte=0x05), {"MESSAGE_BYTE_CHANGED"}),
    ("accept a byte no more", without_message("MSG_CANCEL_ACK"), {"MESSAGE_GONE", "MESSAGE_NAME_GONE"}),
    ("errors as acknowledgements", message("MSG_CANCEL_ACK", accepts=(("FragmentResult", "Error"),)),
     {"MESSAGE_ACCEPTS_LESS"}),
    ("emit acknowledgements as errors", then(
        message("MSG_FRAGMENT_RESULT", emits=(("FragmentResult", "Success"), ("FragmentResult", "Error"))),
        message("MSG_FRAGMENT_ERROR", accepts=(("FragmentResult",),), emits=(("FragmentResult", "CancelAck"),))),
     {"MESSAGE_EMITS_MORE", "MESSAGE_EMITS_LESS"}),
    ("emit what is accepted with another byte", then(
        message("MSG_FRAGMENT_RESULT", emits=(("FragmentResult", "Success"), ("FragmentResult", "Error"))),
        message("MSG_CANCEL_ACK", emits=(("FragmentResult", "CancelAck"),))), {"MESSAGE_EMITS_LESS"}),
    ("a message at once", then(with_variant("TransportPayload", EXPLAINED), with_message(EXPLAIN)),
     {"MESSAGE_ADDED", "VARIANT_ADDED", "VARIANT_NAME_ADDED"}),
    # JSON
    ("a required key at once", with_field(REQUEST, number("tenant")), {"KEY_ADDED_REQUIRED"}),
    ("a null key at once", with_field(REQUEST, maybe("tenant")), {"KEY_ADDED_WRITTEN"}),
    ("a defaulted key at once", with_field("SortExpr", number("rank", missing=Missing(0))), {"KEY_ADDED_WRITTEN"}),
    ("delete a required key", without_field(f"{REQUEST}.txn_id"), {"KEY_GONE", "MEMBER_GONE"}),
    ("delete an optional key", without_field(f"{REQUEST}.shard_id"), {"KEY_GONE", "MEMBER_GONE"}),
    ("delete an extension key", without_field(f"{REQUEST}.traceparent"), {"KEY_GONE", "MEMBER_GONE"}),
    ("rename a key silently", field(f"{REQUEST}.txn_id", name="transaction"),
     {"KEY_GONE", "KEY_ADDED_REQUIRED", "MEMBER_GONE"}),
    ("rename a key with an alias alone", field("SortExpr.expr", name="key", aliases=("expr",)),
     {"KEY_RENAMED", "MEMBER_GONE"}),
    ("swap two keys", fields("SortExpr", lambda f: (f[0], f[2], f[1])), {"KEYS_REORDERED"}),
    ("narrow an integer", field(f"{REQUEST}.txn_id", type=Scalar("u32")), {"TYPE_CHANGED", "MEMBER_TYPE_CHANGED"}),
    ("widen an integer", field("VectorValue.dims", type=U64), {"TYPE_CHANGED"}),
    ("widen an id", type_("ColumnId", lambda d: replace(d, type=TEXT)), {"TYPE_CHANGED", "MEMBER_TYPE_CHANGED"}),
    ("another type in a variant", variant("Value.Money", lambda v: replace(v, type=Ref("NumericValue"))),
     {"TYPE_CHANGED", "MEMBER_TYPE_CHANGED"}),
    ("two more bytes", type_("MacAddr", lambda d: replace(d, type=ArrayOf(Scalar("u8"), 8))),
     {"TYPE_CHANGED", "MEMBER_TYPE_CHANGED"}),
    ("an offset for TimeTz", variant("Value.TimeTz", lambda v: replace(v, type=Scalar("time"))),
     {"TYPE_CHANGED", "MEMBER_TYPE_CHANGED"}),
    ("a payload for a unit", variant("ValueBound.Unbounded", lambda v: replace(v, type=U64)),
     {"TYPE_CHANGED", "MEMBER_TYPE_CHANGED"}),
    ("null allowed", field(f"{ERROR}.message", type=OptionalOf(TEXT), missing=Missing(None)),
     {"OPTIONALITY_CHANGED", "MEMBER_TYPE_CHANGED"}),
    ("null forbidden", field(f"{REQUEST}.snapshot", type=Ref("FragmentSnapshot"), missing=None),
     {"OPTIONALITY_CHANGED", "MEMBER_TYPE_CHANGED"}),
    ("a key required", field("CancelRequest.cancel_key", missing=None), {"KEY_REQUIRED"}),
    ("another default", field("DataType.Vector.element_type", missing=Missing(UnitName("Float16"))),
     {"MISSING_VALUE_CHANGED"}),
    ("an empty list left out", field("FragmentSnapshot.active", when_set=True), {"WHEN_SET_CHANGED"}),
    ("nulls written", field(f"{REQUEST}.timeout_ms", when_set=False), {"WHEN_SET_CHANGED"}),
    ("a larger limit", field("BigCoefficient.limbs", max_items=640), {"LIMIT_CHANGED"}),
    ("a limit where none was", field(f"{ERROR}.message", max_bytes=4096), {"LIMIT_CHANGED"}),
    ("dims as a member", field("VectorValue.dims", derived=None), {"DERIVED_CHANGED"}),
    ("delete a unit", variant("DataType.Money", lambda v: None), {"VARIANT_GONE", "VARIANT_NAME_GONE"}),
    ("delete a variant that is deep down", variant("CypherPipelineOp.Foreach", lambda v: None),
     {"VARIANT_GONE", "VARIANT_NAME_GONE"}),
    ("a unit at once", with_variant("PgLockMode", unit("Weakest")), {"VARIANT_ADDED", "VARIANT_NAME_ADDED"}),
    ("snake case", variant("CypherRelDirection.Both", lambda v: replace(v, wire_name="both")),
     {"VARIANT_RENAMED"}),
    ("one rule more", type_(REQUEST, lambda d: replace(d, rules=(*d.rules, TICKETS))), {"RULE_ADDED"}),
    ("one rule less", rule("FragmentSnapshot.inside", lambda r: None), {"RULE_GONE"}),
    ("another rule", rule(f"{REQUEST}.request_id_set", lambda r: replace(r, expr=FLOORED)), {"RULE_CHANGED"}),
    ("a key from version 2 on only", then(V2, field(f"{REQUEST}.txn_id", versions=NEW_AT_2, absent=Missing(0))),
     {"KEY_GONE"}),
    ("a variant from version 2 on only", then(V2, variant("DataType.Money", lambda v: replace(v, versions=NEW_AT_2))),
     {"VARIANT_GONE"}),
)

COMPATIBLE = (
    ("nothing", then()),
    ("better docs", field(f"{REQUEST}.txn_id", doc="A better sentence.")),
    ("an extension key", with_field(REQUEST, maybe("tenant", when_set=True, lossy="A hint."))),
    ("an extension key in the middle", with_field(REQUEST, maybe("tenant", when_set=True), at=3)),
    ("an extension key with a default", with_field(ERROR, number("hint", missing=Missing(0), when_set=True))),
    ("a reason", field(f"{REQUEST}.shard_id", lossy="It is a hint.")),
    ("a group less", field("PhysicalPlan.DropSchema.cascade", group=None)),
    ("a key may be missing", field(f"{REQUEST}.isolation", missing=Missing(""))),
    ("a further spelling", field(f"{REQUEST}.txn_id", aliases=("transaction_id",))),
    ("a further spelling of a variant", variant("DataType.BigInt", lambda v: replace(v, aliases=("Int8",)))),
    ("a key of version 2", then(V2, with_field(REQUEST, number("tenant", versions=NEW_AT_2, absent=Missing(1))))),
    ("a null key of version 2", then(V2, with_field(REQUEST, maybe("tenant", versions=NEW_AT_2)))),
    ("a key ends with version 2", then(V2, field(f"{REQUEST}.shard_id", versions=GONE_AT_2))),
    ("a required key ends with version 2", then(V2, field(f"{REQUEST}.txn_id", versions=GONE_AT_2, absent=Missing(0)))),
    ("a declared rename", then(V2, field(f"{REQUEST}.txn_id", name="transaction", renamed=Renamed("txn_id", 2)))),
    ("a variant ends with version 2", then(V2, variant("DataType.Money", lambda v: replace(v, versions=GONE_AT_2)))),
    ("a message ends with version 2", then(V2, message("MSG_CANCEL_ACK", versions=GONE_AT_2))),
    ("deprecated", then(V2, field(f"{REQUEST}.isolation", versions=Versions(1, 2)))),
    ("a rule of version 2", then(V2, type_(REQUEST, lambda d: replace(
        d, rules=(*d.rules, replace(TICKETS, versions=NEW_AT_2)))))),
    ("a rule ends with version 2", then(V2, rule("FragmentSnapshot.inside", lambda r: replace(r, versions=GONE_AT_2)))),
    ("another rule message", rule(f"{REQUEST}.request_id_set", lambda r: replace(r, message="no request_id"))),
    ("rules in another order", type_(REQUEST, lambda d: replace(d, rules=d.rules[::-1]))),
    ("more memory", limits(budget_base=2**25)),
    ("accept more", message("MSG_CANCEL_ACK", accepts=(("FragmentResult",),))),
    ("variants in another order", type_("JoinType", lambda d: replace(
        d, variants=(d.variants[0], *d.variants[:0:-1])))),
    ("types in another order", families(lambda f: tuple(replace(x, types=x.types[::-1]) for x in f))),
    ("families in another order", families(lambda f: (*f[:7], f[8], f[7], *f[9:]))),
    ("a type that nothing reaches", with_type(Newtype("Lonely", "Alone.", Versions(1), U64), "ids")),
    ("a name reserved", type_(REQUEST, lambda d: replace(d, reserved=("old_key",)))),
)

SOURCE = (
    ("a secret", field(f"{ERROR}.message", type=SecretOf(TEXT)), {"MEMBER_TYPE_CHANGED"}),
    ("a secret no more", field(f"{REQUEST}.cancel_key", type=U64), {"MEMBER_TYPE_CHANGED"}),
    ("an id of its own", field(f"{REQUEST}.txn_id", type=Ref("IndexId")), {"MEMBER_TYPE_CHANGED"}),
    ("rows as a list", field("ExecutionResult.Query.rows", flat=False), {"MEMBER_TYPE_CHANGED"}),
    ("a tuple of the same", type_("MacAddr", lambda d: replace(d, type=TupleOf((Scalar("u8"),) * 6))),
     {"MEMBER_TYPE_CHANGED"}),
    ("fields of a variant as a struct", then(
        with_type(Struct("TextLength", "Length.", Versions(1), (number("length"),)), "data_type"),
        variant("TextTypeModifier.Char", lambda v: replace(v, fields=None, type=Ref("TextLength")))),
     {"MEMBER_TYPE_CHANGED"}),
    ("another name for a type", then(
        type_("CypherSetItem", lambda d: replace(d, name="CypherSet")),
        field("CypherMergeClause.on_create_set", type=ListOf(Ref("CypherSet"))),
        field("CypherMergeClause.on_match_set", type=ListOf(Ref("CypherSet"))),
        field("CypherQueryPlan.sets", type=ListOf(Ref("CypherSet"))),
        variant("CypherForeachOp.Set", lambda v: replace(v, type=Ref("CypherSet")))),
     {"TYPE_NAME_GONE", "MEMBER_TYPE_CHANGED"}),
    ("a variant of version 2", then(V2, with_variant("DataType", unit("Xml", versions=NEW_AT_2))),
     {"VARIANT_NAME_ADDED"}),
    ("a message of version 2", then(V2, with_variant("TransportPayload", replace(EXPLAINED, versions=NEW_AT_2)),
                                    with_message(replace(EXPLAIN, versions=NEW_AT_2))), {"VARIANT_NAME_ADDED"}),
    ("another name for a message", message("MSG_CANCEL_ACK", name="MSG_ACK"), {"MESSAGE_NAME_GONE"}),
    ("another namespace", protocol(namespace="ft::wire"), {"NAMESPACE_CHANGED"}),
    ("another header", families(lambda f: (replace(f[0], name="names"), *f[1:])), {"TYPE_MOVED"}),
    ("cells no more", then(type_("Value", lambda d: replace(d, cell=False)),
                           field("ExecutionResult.Query.rows", flat=False)),
     {"TYPE_KIND_CHANGED", "MEMBER_TYPE_CHANGED"}),
)


class Edits(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls) -> None:
        cls.real, _ = load(SCHEMA)

    def check(self, name: str, edit, expected: set[str], categories: set[Category]) -> None:
        with self.subTest(name):
            edited = edit(self.real)
            found = compare(self.real, edited)
            self.assertEqual(expected, {f.rule for f in found}, "\n".join(map(str, found)))
            self.assertTrue(not categories or categories & {f.category for f in found})

    def test_breaking_edits_are_reported(self) -> None:
        self.assertGreater(len(BREAKING), 25)
        for name, edit, expected in BREAKING:
            self.check(name, edit, expected, {Category.WIRE, Category.JSON})

    def test_compatible_edits_are_no_findings(self) -> None:
        self.assertGreater(len(COMPATIBLE), 20)
        for name, edit in COMPATIBLE:
            self.check(name, edit, set(), set())

    def test_some_edits_break_nothing_but_source(self) -> None:
        categories = {rule.id: rule.category for rule in RULES}
        for name, edit, expected in SOURCE:
            self.assertEqual({Category.SOURCE}, {categories[id_] for id_ in expected})
            self.check(name, edit, expected, {Category.SOURCE})
