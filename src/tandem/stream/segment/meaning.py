"""What a segment's expression comes to in SQL, and what it reads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final
from uuid import UUID

from tandem.catalog import Checked, check, compile_sql
from tandem.catalog import typed as t
from tandem.catalog.dependencies import dependencies
from tandem.catalog.describe import describe
from tandem.catalog.label import Label
from tandem.catalog.model import Catalog, Scope
from tandem.catalog.problems import ExpressionError, Problem
from tandem.catalog.sql_shared import Scan, compile_shared

ALIAS: Final = "c"
"""The alias of the customer in every statement of this room."""
ROOT: Final = "customer"

# What the catalog's printer writes first of a related set's conditions; the tenant always follows.
_BUCKETS: Final = re.compile(r'"\w+"\."bucket" = any\(%\(buckets\)s::smallint\[\]\) and ')

TAG_CHANGES: Final = frozenset({"tag.added", "tag.removed"})


@dataclass(frozen=True, slots=True)
class Fragment:
    """SQL over the customer alias with the values it binds; `joins` stand after the FROM items."""

    text: str
    bound: Mapping[str, object] = field(default_factory=dict[str, object])
    joins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """A compiled version: whether a customer is inside, when that may next change by itself, and what it depends on."""

    checked: Checked
    inside: Fragment
    due: str | None
    """SQL over the same columns, bound by `inside`."""
    scans: tuple[Scan, ...]
    """The scans of related sets whose columns both read."""
    event_types: frozenset[str]
    tags: frozenset[str]
    """Names of the tags it asks for; ``ANY`` when it works the name out."""
    segments: frozenset[UUID]
    areas: frozenset[str] = frozenset()
    """Areas it asks, as `geofence:<name>`."""


def customer_scope(catalog: Catalog) -> Scope:
    """The names a segment's expression may use."""
    return catalog.scope(customer=ROOT)


def checked(catalog: Catalog, text: str) -> Checked:
    """Check a segment's text. Raises ExpressionError, also for a segment named by something that is not a segment's id."""
    found = check(text, customer_scope(catalog))
    for node in t.walk(found.typed):
        if isinstance(node, t.Member) and node.function == "in_segment":
            _segment_of(node)
    return found


@lru_cache(maxsize=4096)
def described(catalog: Catalog, text: str, zone: str) -> Label:
    """A segment's text as a sentence, worked out once. Raises what ``checked`` raises."""
    return describe(checked(catalog, text), zone=zone)


def meaning_of(found: Checked, zone: str, prefix: str) -> Meaning:
    """Compile a checked expression for judging batches; `prefix` keeps its parameters apart from other segments' in one statement."""
    compiled = compile_shared(found, alias={ROOT: ALIAS}, prefix=prefix, zone=zone)
    reads = dependencies(found)
    return Meaning(
        checked=found,
        inside=by_join(Fragment(compiled.inside, compiled.params)),
        due=None if compiled.due is None else _without_buckets(compiled.due),
        scans=tuple(replace(one, rows=_without_buckets(one.rows)) for one in compiled.scans),
        event_types=reads.event_types | TAG_CHANGES if reads.tags else reads.event_types,
        tags=reads.tags,
        segments=frozenset(UUID(one) for one in reads.segments),
        areas=reads.areas,
    )


def joined(found: Checked, zone: str, prefix: str = "e0_") -> Fragment:
    """Compile for a look at everybody: related sets are grouped once and joined."""
    compiled = compile_sql(found, alias={ROOT: ALIAS}, mode="joined", prefix=prefix, zone=zone)
    return Fragment(compiled.sql, compiled.params, compiled.joins)


def by_join(fragment: Fragment) -> Fragment:
    """The fragment without its lists of buckets, where its rows are joined to customers by bucket anyway.

    The list holds for every such row and still costs: an index condition with 256 values is sorted anew for each customer looked up, and
    makes the planner believe that such a look costs 200 pages, so that it reads whole tables instead. The statement around it names the
    customers' buckets.
    """
    return Fragment(
        _without_buckets(fragment.text), fragment.bound, tuple(_without_buckets(one) for one in fragment.joins)
    )


def _without_buckets(text: str) -> str:
    return _BUCKETS.sub("", text)


def _segment_of(node: t.Member) -> UUID:
    value = node.value.value if isinstance(node.value, t.Const) else None
    try:
        return UUID(str(value))
    except ValueError as error:
        text = str(value)[:80]
        expected = Label("分群的编号", "a segment's id")
        raise ExpressionError([Problem("not_a_segment", node.span, Label(text, text), expected)]) from error
