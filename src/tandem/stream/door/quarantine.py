"""Records the door could not understand: kept whole with their reasons, shown, and replayed when the cause is mended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, NotFound
from tandem.kernel.ids import new_id
from tandem.stream.door.wire import Item, Parsed, Problem
from tandem.stream.keys import day_key
from tandem.stream.projection import BACKFILL
from tandem.stream.rows import to_json

SCHEMA_VERSION: Final = "1"
_FRAME_BYTES_MAX: Final = 2_000_000


class _Row(msgspec.Struct, gc=False):
    i: UUID
    s: str
    x: str
    k: str
    m: int
    o: str | None
    p: bytes
    v: bool
    w: list[dict[str, str]]


_INSERT: Final = """
insert into quarantine (tenant_id, id, source, external_id, kind, mode, occurred_at, payload_enc, key_day, problems, schema_version, received_at, verified)
select %(tenant)s, r.i, r.s, r.x, r.k, r.m, r.o, decode(r.p, 'base64'), %(day)s, r.w, %(schema)s, %(received)s, r.v
from jsonb_to_recordset(%(rows)s::jsonb) as r(i uuid, s text, x text, k text, m smallint, o timestamptz, p text, v boolean, w jsonb)
"""


def put_aside(tx: Tx, keys: TenantKeys, parsed: Parsed, problems: Sequence[Problem]) -> None:
    """Keep the records that have problems. One whose very frame is broken is kept as the bytes that came, without source or kind."""
    if not problems:
        return
    reasons: dict[int, list[dict[str, str]]] = {}
    for problem in problems:
        reasons.setdefault(problem.index, []).append({"where": problem.where, "zh": problem.zh, "en": problem.en})
    day = tx.machine_now.date()
    key = day_key(tx, keys, day)
    rows: list[_Row] = []
    for item in parsed.items:
        if item.index in reasons:
            when = item.time.isoformat() if 1900 < item.time.year < 2200 else None
            sealed = keys.seal(key, item.payload.decode())
            told, row_id = reasons[item.index], new_id()
            rows.append(
                _Row(row_id, item.source, item.external_id, item.kind, item.mode, when, sealed, item.verified, told)
            )
    for index, raw in parsed.broken.items():
        text = raw[:_FRAME_BYTES_MAX].decode(errors="replace")
        rows.append(_Row(new_id(), "", "", "", 0, None, keys.seal(key, text), False, reasons[index]))
    params = {
        "tenant": tx.tenant_id,
        "day": day,
        "received": tx.machine_now,
        "schema": SCHEMA_VERSION,
        "rows": to_json(rows),
    }
    tx.execute(_INSERT, params)


class QuarantineLine(msgspec.Struct, frozen=True):
    """A quarantined record as lists show it: never its payload, which may hold personal data."""

    id: UUID
    source: str
    external_id: str
    kind: str
    mode: int
    occurred_at: datetime | None
    problems: list[Any]
    schema_version: str
    received_at: datetime
    status: str
    attempts: int
    replayed_at: datetime | None


_COLUMNS: Final = "id, source, external_id, kind, mode, occurred_at, problems, schema_version, received_at, status, attempts, replayed_at"


# What is wrong, without the record's number in its call or its id in its envelope: what a screen groups by and a bulk replay chooses by.
REASON: Final = """md5(regexp_replace(problems->0->>'where', '^(events\\[[0-9]+\\]\\.?|[a-z_]+ .*: )', '') || '|' || (problems->0->>'en'))"""


def page(
    tx: Tx,
    *,
    status: str | None,
    before: UUID | None,
    limit: int,
    source: str | None = None,
    reason: str | None = None,
) -> list[QuarantineLine]:
    """Quarantined records, newest first, before the one named; of one source, for one reason (`Group.reason`)."""
    return tx.all(
        QuarantineLine,
        f"""
        select {_COLUMNS} from quarantine
        where tenant_id = %(tenant)s and (%(status)s::text is null or status = %(status)s) and (%(before)s::uuid is null or id < %(before)s)
          and (%(source)s::text is null or source = %(source)s) and (%(reason)s::text is null or {REASON} = %(reason)s)
        order by id desc limit %(limit)s
        """,
        {
            "tenant": tx.tenant_id,
            "status": status,
            "before": before,
            "limit": limit,
            "source": source,
            "reason": reason,
        },
    )


class _Kept(msgspec.Struct, frozen=True):
    source: str
    external_id: str
    kind: str
    occurred_at: datetime | None
    payload_enc: bytes
    key_day: date
    received_at: datetime
    status: str
    verified: bool


def take(tx: Tx, keys: TenantKeys, record_id: UUID) -> Item:
    """A quarantined record opened for a replay, and locked until commit. Raises NotFound, or Conflict where it cannot be replayed."""
    kept = tx.maybe(
        _Kept,
        """
        select source, external_id, kind, occurred_at, payload_enc, key_day, received_at, status, verified
        from quarantine where tenant_id = %(tenant)s and id = %(id)s for update
        """,
        {"tenant": tx.tenant_id, "id": record_id},
    )
    if kept is None:
        raise NotFound("no_such_record", "没有这条隔离记录。", "There is no such quarantined record.")
    if kept.status != "open":
        raise Conflict("already_replayed", "这条记录已经重放过。", "This record has been replayed already.")
    if not kept.kind:
        raise Conflict(
            "frame_broken",
            "这条记录的外层结构已损坏，无法重放；请由发送方修正后重发。",
            "The record's very frame is broken, so it cannot be replayed; its sender has to mend it and send it again.",
        )
    payload = keys.open(day_key(tx, keys, kept.key_day), kept.payload_enc).encode()
    when = kept.occurred_at or kept.received_at
    return Item(0, kept.source, kept.external_id, kept.kind, when, BACKFILL, payload, kept.verified)


class _Openable(msgspec.Struct, frozen=True):
    id: UUID
    source: str
    external_id: str
    kind: str
    occurred_at: datetime | None
    payload_enc: bytes
    key_day: date
    received_at: datetime
    verified: bool


def take_open(
    tx: Tx,
    keys: TenantKeys,
    *,
    after: UUID | None,
    limit: int,
    source: str | None = None,
    reason: str | None = None,
    upto: UUID | None = None,
) -> tuple[list[UUID], list[Item]]:
    """The next open records that have a frame, oldest first, opened and locked until commit; an item's index is its place in the ids.

    `source` and `reason` choose as in `page`; nothing after `upto` is taken, so that a round over what keeps coming ends.
    """
    kept = tx.all(
        _Openable,
        f"""
        select id, source, external_id, kind, occurred_at, payload_enc, key_day, received_at, verified from quarantine
        where tenant_id = %(tenant)s and status = 'open' and kind <> '' and (%(after)s::uuid is null or id > %(after)s)
          and (%(upto)s::uuid is null or id <= %(upto)s)
          and (%(source)s::text is null or source = %(source)s) and (%(reason)s::text is null or {REASON} = %(reason)s)
        order by id limit %(limit)s for update
        """,
        {
            "tenant": tx.tenant_id,
            "after": after,
            "limit": limit,
            "source": source,
            "reason": reason,
            "upto": upto,
        },
    )
    day_keys = {day: day_key(tx, keys, day) for day in {one.key_day for one in kept}}
    items = [
        Item(
            index,
            one.source,
            one.external_id,
            one.kind,
            one.occurred_at or one.received_at,
            BACKFILL,
            keys.open(day_keys[one.key_day], bytes(one.payload_enc)).encode(),
            one.verified,
        )
        for index, one in enumerate(kept)
    ]
    return [one.id for one in kept], items


class _Sealed(msgspec.Struct, frozen=True):
    payload_enc: bytes
    key_day: date


def reveal(tx: Tx, keys: TenantKeys, record_id: UUID) -> str:
    """The payload of one record as it came: JSON text, or whatever a sender sent instead. Raises NotFound."""
    kept = tx.maybe(
        _Sealed,
        "select payload_enc, key_day from quarantine where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": record_id},
    )
    if kept is None:
        raise NotFound("no_such_record", "没有这条隔离记录。", "There is no such quarantined record.")
    return keys.open(day_key(tx, keys, kept.key_day), bytes(kept.payload_enc))


def settle(tx: Tx, record_id: UUID, refused: Sequence[Problem]) -> None:
    """Note how a replay went."""
    reasons = [{"where": one.where, "zh": one.zh, "en": one.en} for one in refused]
    tx.execute(
        """
        update quarantine set attempts = attempts + 1,
          status = case when %(refused)s then 'open' else 'replayed' end,
          replayed_at = case when %(refused)s then null else %(now)s end,
          problems = case when %(refused)s then %(reasons)s::jsonb else problems end
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {"tenant": tx.tenant_id, "id": record_id, "refused": bool(refused), "now": tx.now, "reasons": to_json(reasons)},
    )
