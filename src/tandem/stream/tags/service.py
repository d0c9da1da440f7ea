"""Tags as people, flows and imports use them; every change is an event with its cause."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput
from tandem.kernel.turn import Turn
from tandem.stream import inbox
from tandem.stream.events import NewEvent
from tandem.stream.segment.cause import BY_TIME, Cause
from tandem.stream.tags import store
from tandem.stream.tags.store import TagRow

TAG_CHARACTERS_MAX: Final = 40

DUE_SQL: Final = """
select min(d.until) from unnest(%(buckets)s::smallint[]) as b(bucket)
cross join lateral (
  select until from customer_tag
  where bucket = b.bucket and bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and until is not null
  order by until limit 1) as d
"""
"""The moment at which the next tag comes off by itself."""


def clean(name: str) -> str:
    """A tag's name as it is stored. Raises InvalidInput for an empty or overlong one."""
    tag = " ".join(name.split())
    if not tag or len(tag) > TAG_CHARACTERS_MAX:
        raise InvalidInput(
            "tag_name",
            f"标签需为 1 到 {TAG_CHARACTERS_MAX} 个字。",
            f"A tag has 1 to {TAG_CHARACTERS_MAX} characters.",
            details=(Detail("tag", f"{len(tag)} 个字", f"{len(tag)} characters"),),
        )
    return tag


def refuse_computed(tx: Tx, names: Iterable[str]) -> None:
    """Raise InvalidInput when one of these tags is set by an expression: nobody else may set or take it."""
    found = tx.values(
        "select name from tag where tenant_id = %(tenant)s and kind = 'computed' and name = any(%(names)s::text[]) order by name",
        {"tenant": tx.tenant_id, "names": list(names)},
    )
    if found:
        listed = "、".join(found)
        raise InvalidInput(
            "tag_computed",
            f"标签“{listed}”由规则自动计算，不能手动修改。",
            f"The tag “{listed}” is computed by a rule and cannot be set by hand.",
        )


def know(tx: Tx, names: Collection[str]) -> None:
    """Let tags that somebody or some source uses for the first time join the tenant's list.

    Looks first: turns of other buckets use the same tags, and a row that is there costs none of them a lock.
    """
    missing = tx.values(
        """
        select n from unnest(%(names)s::text[]) as n
        where not exists (select from tag as t where t.tenant_id = %(tenant)s and t.name = n) order by n
        """,
        {"tenant": tx.tenant_id, "names": sorted(set(names))},
    )
    if missing:
        tx.execute(
            """
            insert into tag (tenant_id, name, label, kind, created_at, created_by)
            select %(tenant)s, n, n, 'manual', %(now)s, %(user)s from unnest(%(names)s::text[]) as n on conflict do nothing
            """,
            {"tenant": tx.tenant_id, "names": missing, "now": tx.now, "user": tx.user_id},
        )


def without_computed(tx: Tx, rows: Collection[TagRow]) -> list[TagRow]:
    """Those of the rows whose tag nobody computes: what a source says of a computed tag is not heard."""
    computed = set(
        tx.values(
            "select name from tag where tenant_id = %(tenant)s and kind = 'computed' and name = any(%(names)s::text[])",
            {"tenant": tx.tenant_id, "names": list({row[2] for row in rows})},
        ),
    )
    return [row for row in rows if row[2] not in computed]


def add(
    turn: Turn,
    rows: Collection[TagRow],
    *,
    source: str = store.MANUAL,
    until: datetime | None = None,
    causes: Mapping[tuple[int, UUID], Cause] | None = None,
) -> int:
    """Set tags on customers of the turn's buckets; returns how many were new. ``until`` is business time."""
    new = store.put(turn, rows, source=source, until=until)
    inbox.emit(turn, [_event(turn, "tag.added", row, source, causes) for row in new])
    return len(new)


def remove(
    turn: Turn,
    rows: Collection[TagRow],
    *,
    source: str = store.MANUAL,
    causes: Mapping[tuple[int, UUID], Cause] | None = None,
) -> int:
    """Take tags away, whoever set them; returns how many were there."""
    gone = store.take(turn, rows)
    inbox.emit(turn, [_event(turn, "tag.removed", row, source, causes) for row in gone])
    return len(gone)


def expire(turn: Turn, limit: int = 500) -> int:
    """Take away tags whose time is over; returns how many."""
    gone = store.take_expired(turn, limit)
    inbox.emit(turn, [_event(turn, "tag.removed", row, "expired", None) for row in gone])
    return len(gone)


def _event(
    turn: Turn, kind: str, row: TagRow, source: str, causes: Mapping[tuple[int, UUID], Cause] | None
) -> NewEvent:
    bucket, customer_id, tag = row
    cause = (causes or {}).get((bucket, customer_id), BY_TIME)
    return NewEvent(
        type=kind,
        bucket=bucket,
        customer_id=customer_id,
        occurred_at=turn.now,
        payload={"tag": tag, "source": source},
        lane=cause.lane,
        mode=cause.mode,
        cause_id=cause.event_id,
        root_id=cause.root_id,
        hops=cause.hops + 1,
    )
