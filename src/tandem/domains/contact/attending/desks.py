"""Desks as people set them, and talks as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.attending.ports import DeskThere
from tandem.domains.contact.attending.sealing import Seals
from tandem.domains.contact.attending.shapes import DeskChange
from tandem.domains.contact.gateway import connectors
from tandem.domains.contact.lines import line_of
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.stream.rows import to_json

_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A desk."""

    id: UUID
    account_id: UUID
    account: str
    number: str
    name: str
    active: bool
    answers: str
    hours: list[Any]
    threshold: float
    polite: str
    offers: bool
    hand_to: str
    alarm_minutes: int


_DESK: Final = """
select d.id, d.account_id, a.name as account, d.number, d.name, d.active, d.answers, d.hours, d.threshold::float8 as threshold, d.polite, d.offers, d.hand_to,
  d.alarm_minutes
from service_desk as d join source_account as a on a.tenant_id = %(tenant)s and a.id = d.account_id
where d.tenant_id = %(tenant)s
"""


def list_desks(tx: Tx) -> list[DeskRow]:
    """Desks by name."""
    return tx.all(DeskRow, f"{_DESK} order by d.name, d.id limit 500", {"tenant": tx.tenant_id})


def get_desk(tx: Tx, desk_id: UUID) -> DeskRow:
    """One desk. Raises NotFound."""
    row = tx.maybe(DeskRow, f"{_DESK} and d.id = %(id)s", {"tenant": tx.tenant_id, "id": desk_id})
    if row is None:
        raise NotFound("no_such_desk", "没有这个客服账号。", "There is no such service desk.")
    return row


def change_desk(tx: Tx, desk_id: UUID, given: DeskChange) -> None:
    """Say how a desk serves. Raises NotFound."""
    before = get_desk(tx, desk_id)
    told = given.model_dump(exclude_none=True, by_alias=True)
    after = {name: told.get(name, getattr(before, name)) for name in DeskChange.model_fields}
    tx.execute(
        """
        update service_desk set active = %(active)s, answers = %(answers)s, hours = %(stored)s::jsonb, threshold = %(threshold)s, polite = %(polite)s,
          offers = %(offers)s,
          hand_to = %(hand_to)s, alarm_minutes = %(alarm_minutes)s, updated_at = %(at)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {**after, "stored": to_json(after["hours"]), "tenant": tx.tenant_id, "id": desk_id, "at": tx.machine_now},
    )
    old = {name: getattr(before, name) for name in after}
    audit.record(tx, "service_desk.changed", "service_desk", desk_id, *audit.changes(old, after))


def read_desks(db: Database, tenant: UUID) -> int:
    """Learn which desks the platforms have; returns how many there are. Raises GatewayFailure."""
    with db.tx("worker", tenant=tenant) as tx:
        accounts: list[UUID] = tx.values(
            """
            select id from source_account
            where tenant_id = %(tenant)s and status = 'active' and connector = any(%(connectors)s::text[]) order by id
            """,
            {"tenant": tenant, "connectors": connectors()},
        )
    count = 0
    for account in accounts:
        with line_of(db, tenant, account) as line:
            found = line.desks()
        count += len(found)
        with db.tx("worker", tenant=tenant) as tx:
            learn(tx, account, found)
    return count


def learn(tx: Tx, account: UUID, found: Sequence[DeskThere]) -> None:
    """Keep desks as the platform has them; how they serve stays. Their ids are those that the door gives their talks."""
    params = {"tenant": tx.tenant_id, "account": account}
    source = tx.value("select source from source_account where tenant_id = %(tenant)s and id = %(account)s", params)
    rows = [
        {"id": derived_id(tx.tenant_id, source, "desk", one.number), "number": one.number, "name": one.name}
        for one in found
    ]
    tx.execute(
        """
        insert into service_desk (id, tenant_id, account_id, number, name, updated_at)
        select n.id, %(tenant)s, %(account)s, n.number, n.name, now() from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, number text, name text)
        on conflict (id) do update set name = excluded.name
        """,
        params | {"rows": to_json(rows)},
    )


# ---------------------------------------------------------------------------------------------------------------- talks


@dataclass(frozen=True, slots=True)
class TalkRow:
    """A talk."""

    id: UUID
    desk_id: UUID
    desk: str
    customer_id: UUID
    state: str
    member: str
    last_at: datetime
    asked_at: datetime | None
    waiting_since: datetime | None
    alarmed_at: datetime | None


_TALK: Final = """
select t.id, t.desk_id, coalesce(d.name, '') as desk, t.customer_id, t.state, t.member, t.last_at, t.asked_at, t.waiting_since, t.alarmed_at
from desk_talk as t left join service_desk as d on d.tenant_id = %(tenant)s and d.id = t.desk_id
where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s
"""


def list_talks(tx: Tx, *, which: str, cursor: str | None, limit: int) -> tuple[list[TalkRow], str | None]:
    """A page of talks, the latest first. `which`: `all`, `asked` (a person is wanted), `late`."""
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    only = {"asked": "and t.state = 'asked'", "late": "and t.alarmed_at is not null"}.get(which, "")
    rows = tx.all(
        TalkRow,
        f"""
        {_TALK} {only} and (%(at)s::timestamptz is null or (t.last_at, t.id) < (%(at)s, %(last)s::uuid))
        order by t.last_at desc, t.id desc limit %(more)s
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "at": at, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "last_at", "id")


def get_talk(tx: Tx, talk_id: UUID) -> TalkRow:
    """One talk. Raises NotFound."""
    row = tx.maybe(
        TalkRow, f"{_TALK} and t.id = %(id)s", {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "id": talk_id}
    )
    if row is None:
        raise NotFound("no_such_talk", "没有这个会话。", "There is no such conversation.")
    return row


@dataclass(frozen=True, slots=True)
class _Sealed:
    id: UUID
    origin_id: UUID
    at: datetime
    said_by: str
    member: str
    kind: str
    text_enc: bytes | None
    state: str
    article: str | None
    choices: list[Any] | None
    why: str
    problem: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Said:
    """Something said, opened."""

    id: UUID
    at: datetime
    said_by: str
    member: str
    kind: str
    text: str
    state: str
    article: str | None
    choices: list[str]
    why: str
    problem: str | None


def messages(tx: Tx, talk_id: UUID, *, cursor: str | None, limit: int) -> tuple[list[Said], str | None]:
    """A page of what was said, the latest first, on the trail. Raises NotFound."""
    talk = get_talk(tx, talk_id)
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        _Sealed,
        """
        select m.id, m.origin_id, m.at, m.said_by, m.member, m.kind, m.text_enc, m.state, k.title as article, m.choices, m.why, m.problem
        from desk_message as m left join knowledge_article as k on k.tenant_id = %(tenant)s and k.id = m.article_id
        where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.talk_id = %(talk)s
          and (%(at)s::timestamptz is null or (m.at, m.id) < (%(at)s, %(last)s::uuid))
        order by m.at desc, m.id desc limit %(more)s
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "talk": talk_id, "at": at, "last": last, "more": limit + 1},
    )
    shown, following = page_of(rows, limit, "at", "id")
    seals = Seals(tx, [one.origin_id for one in shown])
    audit.record(tx, "desk_talk.read", "customer", talk.customer_id)
    return [
        Said(
            one.id, one.at, one.said_by, one.member, one.kind, seals.open(one.origin_id, one.text_enc), one.state, one.article,
            [str(line["label"]) for line in one.choices or ()], one.why,
            None if one.problem is None else f"{one.problem.get('code', '')} {one.problem.get('told', '')}".strip(),
        )
        for one in shown
    ], following  # fmt: skip


def figures(tx: Tx, days: int) -> dict[str, int]:
    """What desks did in the last days."""
    found = tx.dicts(
        """
        select count(*) filter (where said_by = 'customer') as asked,
          count(*) filter (where said_by = 'desk' and state = 'sent' and article_id is not null) as answered,
          count(*) filter (where said_by = 'desk' and asks_person) as handed_over
        from desk_message where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and at >= %(since)s
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "since": tx.now - timedelta(days=days)},
    )[0]
    waits = tx.dicts(
        """
        select count(*) filter (where waiting_since is not null) as waiting, count(*) filter (where alarmed_at is not null) as late
        from desk_talk where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS},
    )[0]
    return {name: int(value) for name, value in {**found, **waits}.items()}
