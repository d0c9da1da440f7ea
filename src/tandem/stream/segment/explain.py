"""Why one customer is in a segment or not: every part of the expression with its answer and the values it looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from tandem.catalog import compile_sql
from tandem.catalog import typed as t
from tandem.catalog.checker import Checked
from tandem.catalog.describe import describe_node
from tandem.catalog.label import Label
from tandem.catalog.value_types import BOOL
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import bucket_of
from tandem.stream.profile_tables import CUSTOMER_SOURCE
from tandem.stream.segment.meaning import ALIAS, ROOT

_JOINING: Final[dict[type[t.Node], str]] = {t.And: "and", t.Or: "or", t.Not: "not"}


@dataclass(frozen=True, slots=True)
class Looked:
    """A value that a condition looked at, by its text in the expression and in plain words; None is missing."""

    text: str
    value: Any
    plain: Label | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the expression: ``and``, ``or``, ``not`` over parts, or a ``condition`` with the values it looked at."""

    kind: str
    text: str
    holds: bool
    values: tuple[Looked, ...]
    parts: "tuple[Part, ...]"
    plain: Label | None = None


def explain(tx: Tx, found: Checked, customer_id: UUID, *, event: Mapping[str, Any] | None = None) -> Part:
    """Judge every part for one customer the transaction may see, in one statement; `event` is the payload where the text asks for one.

    Raises NotFound.
    """
    source = f"{CUSTOMER_SOURCE} as {ALIAS}"
    part = judged(tx, found, source, {ROOT: ALIAS}, ALIAS, (bucket_of(customer_id), customer_id), event=event)
    if part is None:
        raise NotFound("customer_not_found", "没有这位客户。", "There is no such customer.")
    return part


def judged(
    tx: Tx,
    found: Checked,
    source: str,
    aliases: Mapping[str, str],
    alias: str,
    key: tuple[int, UUID],
    *,
    event: Mapping[str, Any] | None = None,
) -> Part | None:
    """Every part judged for the row of `source` found by bucket and id in `alias`; `aliases` are the roots'. None: no such row."""
    wanted = list(_wanted(found.typed))
    columns: list[str] = []
    params: dict[str, object] = {
        "tenant": tx.tenant_id,
        "now": tx.now,
        "buckets": [key[0]],
        "id": key[1],
        "event": Jsonb(dict(event or {})),
    }
    for number, node in enumerate(wanted):
        compiled = compile_sql(
            replace(found, typed=node),
            alias={**aliases, "event": "ev.payload"},
            prefix=f"x{number}_",
            zone=tx.zone,
            use="value",
        )
        columns.append(f"to_jsonb({compiled.sql})")
        params |= compiled.params
    row = tx.cursor(
        f"""
        select {", ".join(columns)} from {source} cross join (select %(event)s::jsonb as payload) as ev
        where {alias}.bucket = any(%(buckets)s::smallint[]) and {alias}.tenant_id = %(tenant)s and {alias}.id = %(id)s
        """,
        params,
        prepare=False,
    ).fetchone()
    if row is None:
        return None
    answers = {id(node): value for node, value in zip(wanted, row, strict=True)}
    return _part(_Said(found, ZoneInfo(tx.zone)), found.typed, answers)


def _wanted(node: t.Node) -> Iterator[t.Node]:
    """Every part that is a condition, and what each last condition looks at."""
    yield node
    if type(node) in _JOINING:
        for child in t.children(node):
            yield from _wanted(child)
    else:
        yield from _looked_at(node)


def _looked_at(node: t.Node) -> list[t.Node]:
    """The operands of a condition that are not written out; a membership or a bare field speaks for itself."""
    if isinstance(node, t.Member | t.Related | t.RootField):
        return []
    return [child for child in t.children(node) if not isinstance(child, t.Const) and child.type != BOOL]


@dataclass(frozen=True, slots=True)
class _Said:
    """How parts of an expression are named: as they were written, and in plain words."""

    found: Checked
    zone: ZoneInfo

    def text(self, node: t.Node) -> str:
        return self.found.text[node.span.start : node.span.end]

    def plain(self, node: t.Node) -> Label:
        return describe_node(self.found.scope, node, self.zone)


def _part(said: _Said, node: t.Node, answers: dict[int, Any]) -> Part:
    joining = _JOINING.get(type(node))
    holds = bool(answers[id(node)])
    if joining is not None:
        parts = tuple(_part(said, child, answers) for child in t.children(node))
        return Part(joining, said.text(node), holds, (), parts, said.plain(node))
    looked = tuple(Looked(said.text(child), answers[id(child)], said.plain(child)) for child in _looked_at(node))
    return Part("condition", said.text(node), holds, looked, (), said.plain(node))
