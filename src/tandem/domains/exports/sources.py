"""The people behind a figure of the comparison of sources, as rows of a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.domains.exports.paging import PAGE_ROWS, Page, Wanted
from tandem.domains.exports.people import people
from tandem.domains.exports.writers import Cell
from tandem.domains.insight import service as insight
from tandem.kernel.db import Tx

CHOICES: Final = {
    "by": ("source", "channel"),
    "credit": ("first", "any"),
    "friends": ("all", "friend", "stranger"),
    "step": insight.STEPS,
}
"""What these filters may say; the first is meant where nothing is said."""


def sources(tx: Tx, wanted: Wanted) -> Page:
    """A page of people, the latest first."""
    after = None if wanted.after is None else (datetime.fromisoformat(wanted.after[0]), UUID(wanted.after[1]))
    asked, key, step = _asked(tx, {name: text for name, text in wanted.filters.items() if text})
    found = insight.converts(tx, asked, key, step, after=after, limit=PAGE_ROWS)
    named = people(tx, [one.customer_id for one in found], plain=wanted.plain)
    zone = ZoneInfo(tx.zone)
    rows: list[Sequence[Cell]] = [
        (
            who.name,
            who.phone,
            who.member_no,
            who.line.store.name if who.line.store else None,
            one.at.astimezone(zone),
            one.orders,
            str(one.revenue),
        )
        for one in found
        if (who := named.get(one.customer_id)) is not None
    ]
    following = (found[-1].at.isoformat(), str(found[-1].customer_id)) if len(found) == PAGE_ROWS else None
    return Page(rows, following)


def _asked(tx: Tx, given: dict[str, str]) -> tuple[insight.Question, str | None, Any]:
    chosen = {name: given.get(name, allowed[0]) for name, allowed in CHOICES.items()}
    last = date.fromisoformat(given["to"]) if "to" in given else tx.now.astimezone(ZoneInfo(tx.zone)).date()
    first = date.fromisoformat(given["from"]) if "from" in given else last - timedelta(days=29)
    asked = insight.Question(
        by=cast("Any", chosen["by"]),
        first_day=first,
        last_day=last,
        credit=cast("Any", chosen["credit"]),
        within_days=int(given["within_days"]) if "within_days" in given else None,
        friends=cast("Any", chosen["friends"]),
        store_id=UUID(given["store_id"]) if "store_id" in given else None,
        segment_id=UUID(given["segment_id"]) if "segment_id" in given else None,
        tag=given.get("tag"),
    )
    return asked, given.get("key"), chosen["step"]
