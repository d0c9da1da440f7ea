"""Routes of the review queue and of the tenant's rules."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, page_of
from tandem.access.shapes import Body, Label
from tandem.stream.identity import likeness, queue, service, words
from tandem.stream.identity.cursors import ids_of
from tandem.stream.identity.portraits import read_rules
from tandem.stream.identity.rules import DEFAULT, OPTIONAL, Rules
from tandem.stream.identity.side_by_side import PairLine, Table

Merge = Annotated[Access, Depends(allowed("customer.merge"))]
RulesReader = Annotated[Access, Depends(allowed("settings.read"))]
RulesWriter = Annotated[Access, Depends(allowed("settings.write"))]
Pattern = Annotated[str, Field(max_length=300)]


class ApartRequest(Body):
    """Two customers who are two people."""

    first: UUID
    second: UUID


class AlikeLine(BaseModel):
    """Pairs with the same evidence, how many wait."""

    pattern: str
    reason: Label
    joined_by: Label | None
    findings: list[Label]
    count: int


class AlikeRequest(Body):
    """One decision for every pair with this evidence, at most 500 a time."""

    pattern: Pattern
    decision: Literal["keep_apart", "merge"]


class AlikeAnswer(BaseModel):
    """How many pairs were decided; merges go on in the background."""

    count: int


class RulesBody(Body):
    """What joins with this tenant (`weak`: kinds that only suggest), what guards, and from which likelihood a pair counts."""

    weak: list[str] = Field(default_factory=list, max_length=20)
    contradictions_max: Annotated[int, Field(ge=1, le=100)] = DEFAULT.contradictions_max
    shared_after: Annotated[int, Field(ge=1, le=100)] = DEFAULT.shared_after
    accounts_max: Annotated[int, Field(ge=2, le=1000)] = DEFAULT.accounts_max
    names_speak: bool = DEFAULT.names_speak
    recycled_days: Annotated[int, Field(ge=1, le=3650)] = DEFAULT.recycled_days
    review_above: Annotated[float, Field(ge=0.5, lt=1)] = DEFAULT.review_above
    merge_above: Annotated[float, Field(ge=0.5, le=1)] | None = DEFAULT.merge_above


class NightLine(BaseModel):
    """How the last nightly comparison went; `installed` is false where its library is missing."""

    installed: bool
    trained_at: datetime | None = None
    scored_at: datetime | None = None
    customers: int = 0
    proposed: int = 0
    merged: int = 0


class KindLine(BaseModel):
    """A kind that a tenant may make weak."""

    kind: str
    label: Label


class RulesAnswer(BaseModel):
    """The rules, what may be chosen, and the last night."""

    rules: RulesBody
    kinds: list[KindLine]
    night: NightLine


router = APIRouter(tags=["identity"])


@router.get("/duplicates")
def duplicates(
    access: Merge,
    cursor: Cursor = None,
    limit: Limit = 50,
    pattern: Annotated[str | None, Query(max_length=300)] = None,
) -> Page[PairLine]:
    """Pairs that wait for a person, with what speaks for and against."""
    after = ids_of(cursor, 2)
    with access.tx() as tx:
        found = queue.pairs(tx, after=(after[0], after[1]) if after else None, limit=limit + 1, pattern=pattern)
        shown, following = page_of(found, limit, "a_id", "b_id")
        table = Table(tx, shown)
    return Page(items=[table.line(pair) for pair in shown], next=following)


@router.get("/duplicates/alike")
def alike(access: Merge) -> list[AlikeLine]:
    """What waits, by evidence, the most first."""
    with access.tx() as tx:
        found = queue.patterns(tx)
    return [_alike(one) for one in found]


@router.get("/duplicates/compare")
def compare(access: Merge, first: UUID, second: UUID) -> PairLine:
    """Any two customers beside one another."""
    with access.tx() as tx:
        pair = queue.any_pair(tx, first, second)
        return Table(tx, [pair]).line(pair)


@router.post("/duplicates/keep-apart", status_code=204)
def keep_apart(access: Merge, body: ApartRequest) -> None:
    """Settle that two customers are two people: they are not proposed again."""
    with access.tx() as tx:
        service.keep_apart(tx, body.first, body.second)


@router.post("/duplicates/alike")
def decide_alike(access: Merge, body: AlikeRequest) -> AlikeAnswer:
    """Decide every pair with the same evidence at once."""
    with access.tx() as tx:
        decide = queue.merge_alike if body.decision == "merge" else queue.keep_alike_apart
        return AlikeAnswer(count=decide(tx, body.pattern))


@router.get("/identity/rules")
def rules(access: RulesReader) -> RulesAnswer:
    """The tenant's rules of who is who."""
    with access.tx() as tx:
        chosen, night = read_rules(tx), queue.last_night(tx)
    return RulesAnswer(
        rules=RulesBody.model_validate(msgspec.to_builtins(chosen)),
        kinds=[KindLine(kind=kind, label=words.KINDS[kind]) for kind in OPTIONAL],
        night=_night(night),
    )


@router.put("/identity/rules", status_code=204)
def set_rules(access: RulesWriter, body: RulesBody) -> None:
    """Change the rules; they hold for what arrives from now on, and the change is written down."""
    with access.tx() as tx:
        queue.set_rules(tx, msgspec.convert(body.model_dump(), Rules))


def _night(night: queue.Night | None) -> NightLine:
    installed = likeness.is_installed()
    if night is None:
        return NightLine(installed=installed)
    return NightLine(
        installed=installed,
        trained_at=night.trained_at,
        scored_at=night.scored_at,
        customers=night.customers,
        proposed=night.proposed,
        merged=night.merged,
    )


def _alike(one: queue.Pattern) -> AlikeLine:
    levels: list[tuple[str, str, float]] = one.evidence.get("levels") or []  # type: ignore[assignment]
    joined_by = str(one.evidence.get("joined_by") or "")
    return AlikeLine(
        pattern=one.pattern,
        reason=words.DOUBTS.get(one.reason, words.KINDS["by_hand"]),
        joined_by=words.KINDS.get(joined_by),
        findings=[
            Label(
                zh=f"{words.COLUMNS[column].zh}{words.LEVELS[level].zh}",
                en=f"{words.COLUMNS[column].en}: {words.LEVELS[level].en}",
            )
            for column, level, _ in levels
        ],
        count=one.count,
    )
