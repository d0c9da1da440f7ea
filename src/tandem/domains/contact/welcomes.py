"""Welcome messages as people set them up, and what became of those that went out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.media import attachments
from tandem.domains.contact.saying import NAMES, TEXT_BYTES_MAX, unknown_names
from tandem.domains.contact.shapes import NewWelcome, WelcomeChange
from tandem.domains.messaging.words import service as words
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.stream.rows import to_json

LOOKED_BACK: Final = timedelta(days=30)
DAY: Final = timedelta(days=1)
MESSAGES_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class WelcomeRow:
    """A welcome message, and how often it was said within the last 30 days."""

    id: UUID
    name: str
    place: int
    active: bool
    body: str
    attachments: list[Any]
    live_codes: list[UUID]
    channels: list[str]
    members: list[str]
    tags: list[str]
    days: list[int]
    from_time: str | None
    until_time: str | None
    sent: int


_WELCOME: Final = """
select w.id, w.name, w.place, w.active, w.body, w.attachments, w.live_codes, w.channels, w.members, w.tags, w.days, w.from_time, w.until_time,
  coalesce(f.n, 0) as sent
from welcome_message as w
left join (
  select welcome_id, count(*) as n from friend_call
  where tenant_id = %(tenant)s and welcome = 'sent' and received_at >= %(since)s group by welcome_id) as f on f.welcome_id = w.id
where w.tenant_id = %(tenant)s
"""


def list_welcomes(tx: Tx) -> list[WelcomeRow]:
    """Every welcome message in the order in which they are tried."""
    return tx.all(
        WelcomeRow,
        f"{_WELCOME} order by w.place, w.created_at, w.id",
        {"tenant": tx.tenant_id, "since": tx.machine_now - LOOKED_BACK},
    )


def get_welcome(tx: Tx, welcome_id: UUID) -> WelcomeRow:
    """One welcome message. Raises NotFound."""
    params = {"tenant": tx.tenant_id, "since": tx.machine_now - LOOKED_BACK, "id": welcome_id}
    row = tx.maybe(WelcomeRow, f"{_WELCOME} and w.id = %(id)s", params)
    if row is None:
        raise NotFound("no_such_welcome", "没有这条欢迎语。", "There is no such welcome message.")
    return row


def create_welcome(tx: Tx, given: NewWelcome) -> UUID:
    """Add a message behind all others. Raises InvalidInput, Conflict."""
    _check(tx, given, None)
    welcome_id = new_id()
    count = tx.value("select count(*) from welcome_message where tenant_id = %(tenant)s", {"tenant": tx.tenant_id})
    if count >= MESSAGES_MAX:
        raise Conflict(
            "too_many_welcomes", f"最多 {MESSAGES_MAX} 条欢迎语。", f"{MESSAGES_MAX} welcome messages at most."
        )
    tx.execute(
        """
        insert into welcome_message (id, tenant_id, name, place, active, body, attachments, live_codes, channels, members, tags, days, from_time,
          until_time, created_at, updated_at)
        select %(id)s, %(tenant)s, %(name)s, 1 + coalesce(max(w.place), 0), %(active)s, %(body)s, %(attachments)s::jsonb, %(live_codes)s::uuid[],
          %(channels)s::text[], %(members)s::text[], %(tags)s::text[], %(days)s::smallint[], %(from_time)s, %(until_time)s, now(), now()
        from welcome_message as w where w.tenant_id = %(tenant)s
        """,
        _params(tx, given, welcome_id),
    )
    audit.record(tx, "welcome_message.created", "welcome_message", welcome_id, None, {"name": given.name})
    return welcome_id


def change_welcome(tx: Tx, welcome_id: UUID, given: WelcomeChange) -> None:
    """Replace a message by what is given; a place moves the others along. Raises NotFound, InvalidInput, Conflict."""
    before = get_welcome(tx, welcome_id)
    _check(tx, given, welcome_id)
    tx.execute(
        """
        update welcome_message set name = %(name)s, active = %(active)s, body = %(body)s, attachments = %(attachments)s::jsonb,
          live_codes = %(live_codes)s::uuid[], channels = %(channels)s::text[], members = %(members)s::text[], tags = %(tags)s::text[],
          days = %(days)s::smallint[], from_time = %(from_time)s, until_time = %(until_time)s, updated_at = now()
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        _params(tx, given, welcome_id),
    )
    if given.place is not None and given.place != before.place:
        _move(tx, welcome_id, given.place)
    old, new = audit.changes(
        {"name": before.name, "active": before.active, "body": before.body, "place": before.place},
        {"name": given.name, "active": given.active, "body": given.body, "place": given.place or before.place},
    )
    audit.record(tx, "welcome_message.changed", "welcome_message", welcome_id, old, new)


def remove_welcome(tx: Tx, welcome_id: UUID) -> None:
    """Take a message away; where it was said stays on record. Raises NotFound."""
    before = get_welcome(tx, welcome_id)
    params = {"tenant": tx.tenant_id, "id": welcome_id}
    tx.execute("delete from welcome_message where tenant_id = %(tenant)s and id = %(id)s", params)
    audit.record(tx, "welcome_message.removed", "welcome_message", welcome_id, {"name": before.name}, None)


def _move(tx: Tx, welcome_id: UUID, place: int) -> None:
    """Number all anew with one of them at its place. Locked in one order, so that two who sort at once wait instead of crossing."""
    tx.execute(
        """
        with locked as materialized (
          select id, place, created_at from welcome_message where tenant_id = %(tenant)s order by id for update),
        others as (select id, row_number() over (order by place, created_at, id) as n from locked where id <> %(id)s),
        numbered as (select id, n + (n >= %(place)s)::int as n from others union all select %(id)s, %(place)s)
        update welcome_message as w set place = o.n from numbered as o where w.tenant_id = %(tenant)s and w.id = o.id
        """,
        {"tenant": tx.tenant_id, "id": welcome_id, "place": place},
    )


def _params(tx: Tx, given: NewWelcome, welcome_id: UUID) -> dict[str, Any]:
    plain = given.model_dump(
        include={
            "name",
            "active",
            "body",
            "live_codes",
            "channels",
            "members",
            "tags",
            "days",
            "from_time",
            "until_time",
        }
    )
    return plain | {"tenant": tx.tenant_id, "id": welcome_id, "attachments": to_json(given.attachments)}


def _check(tx: Tx, given: NewWelcome, but: UUID | None) -> None:
    problems: list[Detail] = []
    if len(given.body.encode()) > TEXT_BYTES_MAX:
        problems.append(Detail("body", "最长 4000 字节（约 1300 个汉字）", "at most 4,000 bytes"))
    problems += [
        Detail(
            "body",
            f"没有占位符“{name}”，可用：{'、'.join(NAMES[:2])}",
            f"no placeholder {name!r}; known: {', '.join(NAMES[2:])}",
        )
        for name in unknown_names(given.body)
    ]
    problems += attachments.problems(tx, given.attachments)
    if problems:
        raise InvalidInput("bad_welcome", "欢迎语有误。", "The welcome message is not right.", details=tuple(problems))
    words.refuse(tx, given.body)
    taken = tx.value(
        "select 1 from welcome_message where tenant_id = %(tenant)s and name = %(name)s and id is distinct from %(but)s",
        {"tenant": tx.tenant_id, "name": given.name, "but": but},
    )
    if taken:
        raise Conflict(
            "welcome_name_taken",
            f"已有名为“{given.name}”的欢迎语。",
            f"There is already a welcome message called “{given.name}”.",
            details=(Detail("name", "名称重复", "name already taken"),),
        )


@dataclass(frozen=True, slots=True)
class CallRow:
    """A new friend and what became of the welcome."""

    id: str
    told_at: datetime
    received_at: datetime
    member: str
    adviser: str
    live_code: str | None
    state: str
    message: str | None
    seconds: float | None
    reason: str | None


def list_calls(tx: Tx, *, state: str | None, cursor: str | None, limit: int) -> tuple[list[CallRow], str | None]:
    """A page of new friends, newest first. Raises InvalidInput for a cursor we did not make."""
    received, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        CallRow,
        """
        select f.id, f.told_at, f.received_at, f.member, coalesce(a.name, f.member) as adviser, l.name as live_code, f.welcome as state,
          w.name as message, case when f.welcome = 'sent' then greatest(0, extract(epoch from f.finished_at - f.told_at))::float8 end as seconds, f.reason
        from friend_call as f
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = f.account_id and a.member = f.member
        left join live_code as l on l.tenant_id = %(tenant)s and l.id = f.live_code_id
        left join welcome_message as w on w.tenant_id = %(tenant)s and w.id = f.welcome_id
        where f.tenant_id = %(tenant)s and (%(state)s::text is null or f.welcome = %(state)s)
          and (%(received)s::timestamptz is null or (f.received_at, f.id) < (%(received)s::timestamptz, %(last)s::text))
        order by f.received_at desc, f.id desc limit %(more)s
        """,
        {"tenant": tx.tenant_id, "state": state, "received": received, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "received_at", "id")


def counts(tx: Tx) -> dict[str, Any]:
    """What became of the welcomes of the last 24 hours, by state, and within how many seconds half and 95 of 100 went out."""
    params = {"tenant": tx.tenant_id, "since": tx.machine_now - DAY}
    by_state = tx.cursor(
        "select welcome, count(*) from friend_call where tenant_id = %(tenant)s and received_at >= %(since)s group by welcome",
        params,
    ).fetchall()
    half, most = tx.cursor(
        """
        select percentile_cont(0.5) within group (order by s), percentile_cont(0.95) within group (order by s) from (
          select greatest(0, extract(epoch from finished_at - told_at))::float8 as s from friend_call
          where tenant_id = %(tenant)s and received_at >= %(since)s and welcome = 'sent') as f
        """,
        params,
    ).fetchall()[0]
    found = dict(by_state)
    found["waiting"] = found.get("waiting", 0) + found.pop("sending", 0)
    return found | {"half_within": half, "most_within": most}
