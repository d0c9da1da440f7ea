"""Routes of scoring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.domains.contact.archive import reading, sampling, scoring
from tandem.domains.contact.archive.shapes import (
    ArchiveMessageOut,
    ScoreAppeal,
    ScoreFigures,
    ScoreFormIn,
    ScoreFormOut,
    ScoreIn,
    ScoreSampleOut,
)
from tandem.stream.customer.view import names

router: Final = APIRouter(tags=["contact"])
Looker = Annotated[Access, Depends(allowed("archive.read"))]
Writer = Annotated[Access, Depends(allowed("archive.write"))]
Scorer = Annotated[Access, Depends(allowed("archive.score"))]


@router.get("/score-form")
def get_score_form(access: Looker) -> ScoreFormOut:
    """By what talks are scored."""
    with access.tx() as tx:
        return _form(scoring.form_of(tx))


@router.put("/score-form")
def put_score_form(access: Writer, given: ScoreFormIn) -> ScoreFormOut:
    """Another form from now on; scores given by the one before stay."""
    with access.tx() as tx:
        return _form(scoring.put_form(tx, given))


@router.get("/score-samples")
def list_score_samples(
    access: Looker,
    state: Literal["open", "scored", "appealed", "settled"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ScoreSampleOut]:
    """Talks drawn for scoring, the last week's first."""
    with access.tx() as tx:
        rows, following = scoring.list_samples(tx, state=state, cursor=cursor, limit=limit)
    return Page(items=_samples(access, rows), next=following)


@router.get("/score-samples/{sample_id}/messages")
def list_score_messages(
    access: Looker, sample_id: UUID, cursor: Cursor = None, limit: Limit = 100
) -> Page[ArchiveMessageOut]:
    """What was said in the week that is scored, the latest first. Every look is on the trail."""
    with access.tx() as tx:
        one = scoring.get_sample(tx, sample_id)
        rows, following = reading.messages(
            tx, one.talk_id, q=None, cursor=cursor, limit=limit, since=one.since, until=one.until
        )
    return Page(items=[ArchiveMessageOut.model_validate(row, from_attributes=True) for row in rows], next=following)


@router.get("/score-samples/{sample_id}/form")
def get_sample_form(access: Looker, sample_id: UUID) -> ScoreFormOut:
    """By what this talk is scored: the form that counts, or once it has a score the one it was scored by."""
    with access.tx() as tx:
        return _form(scoring.form_for(tx, scoring.get_sample(tx, sample_id)))


@router.post("/score-samples/{sample_id}/score")
def score_sample(access: Scorer, sample_id: UUID, given: ScoreIn) -> ScoreSampleOut:
    """Score a talk; of one that was appealed against, settle it by another look."""
    with access.tx() as tx:
        row = scoring.score(tx, sample_id, given)
    return _samples(access, [row])[0]


@router.post("/score-samples/{sample_id}/appeal")
def appeal_sample(access: Looker, sample_id: UUID, given: ScoreAppeal) -> ScoreSampleOut:
    """Say that a score is not right; somebody else looks again."""
    with access.tx() as tx:
        row = scoring.appeal(tx, sample_id, given.reason)
    return _samples(access, [row])[0]


@router.get("/score-figures")
def list_score_figures(
    access: Looker, weeks: Annotated[int, Query(ge=1, le=52)] = 4, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[ScoreFigures]:
    """Advisers' scores of the last weeks, the lowest first."""
    with access.tx() as tx:
        today = tx.now.astimezone(ZoneInfo(str(tx.zone))).date()
        since = sampling.week_of(today) - timedelta(days=7 * weeks)
        rows, following = page_in_memory(scoring.figures(tx, since), cursor, limit, "member")
    return Page(items=[ScoreFigures.model_validate(row) for row in rows], next=following)


def _form(form: scoring.Form) -> ScoreFormOut:
    return ScoreFormOut.model_validate(form)


def _samples(access: Access, rows: Sequence[scoring.SampleRow]) -> list[ScoreSampleOut]:
    called = names(access, [row.customer_id for row in rows])
    return [
        ScoreSampleOut.model_validate(
            {name: getattr(row, name) for name in ScoreSampleOut.model_fields if hasattr(row, name)}
            | {"customer": called.get(row.customer_id)}
        )
        for row in rows
    ]
