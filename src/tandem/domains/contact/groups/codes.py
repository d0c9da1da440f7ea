"""Codes that lead into groups, as people set them up. What the platform holds follows within a moment (`placing`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.codes import check_account, check_name, check_room, new_state
from tandem.domains.contact.groups.shapes import GroupCodeChange, GroupSeat, NewGroupCode
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import BUCKETS, new_id
from tandem.stream.rows import to_json

_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A group code without the groups behind it."""

    id: UUID
    account_id: UUID
    name: str
    channel: str
    status: str
    state: str
    config_id: str | None
    qr_url: str | None
    version: int
    placed_version: int | None
    placed: list[str]
    reason: str | None
    problem: dict[str, Any] | None
    opens_groups: bool
    base_name: str
    base_id: int
    simulated: bool
    created_at: datetime


_CODE: Final = """
select c.id, c.account_id, c.name, c.channel, c.status, c.state, c.config_id, c.qr_url, c.version, c.placed_version, c.placed, c.reason, c.problem,
  g.opens_groups, g.base_name, g.base_id, coalesce((a.config->>'simulated')::boolean, false) as simulated, c.created_at
from live_code as c join group_code as g on g.tenant_id = %(tenant)s and g.live_code_id = c.id
join source_account as a on a.tenant_id = %(tenant)s and a.id = c.account_id
where c.tenant_id = %(tenant)s and c.kind = 'group'
"""


def list_codes(tx: Tx, *, archived: bool, cursor: str | None, limit: int) -> tuple[list[CodeRow], str | None]:
    """A page of group codes, newest first. Raises InvalidInput for a cursor we did not make."""
    made, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        CodeRow,
        f"""{_CODE} and c.status = case when %(archived)s then 'archived' else 'active' end
        and (%(made)s::timestamptz is null or (c.created_at, c.id) < (%(made)s::timestamptz, %(last)s::uuid))
        order by c.created_at desc, c.id desc limit %(more)s""",
        {"tenant": tx.tenant_id, "archived": archived, "made": made, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "created_at", "id")


def get_code(tx: Tx, code_id: UUID) -> CodeRow:
    """One group code. Raises NotFound."""
    row = tx.maybe(CodeRow, f"{_CODE} and c.id = %(id)s", {"tenant": tx.tenant_id, "id": code_id})
    if row is None:
        raise NotFound("no_such_live_code", "没有这个群活码。", "There is no such group code.")
    return row


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A group behind a code."""

    live_code_id: UUID
    group_id: UUID
    chat_id: str
    name: str
    people: int
    cap: int | None
    status: str
    opened: bool


def seats_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, list[SeatRow]]:
    """The groups behind some codes, in order."""
    found: dict[UUID, list[SeatRow]] = {one: [] for one in ids}
    rows = tx.all(
        SeatRow,
        """
        select s.live_code_id, s.group_chat_id as group_id, g.chat_id, g.name, g.people, s.cap, g.status, s.opened
        from group_code_seat as s join group_chat as g on g.tenant_id = %(tenant)s and g.id = s.group_chat_id
        where s.tenant_id = %(tenant)s and s.live_code_id = any(%(ids)s::uuid[]) order by s.live_code_id, s.place, g.id
        """,
        {"tenant": tx.tenant_id, "ids": list(ids)},
    )
    for row in rows:
        found[row.live_code_id].append(row)
    return found


@dataclass(frozen=True, slots=True)
class Joins:
    """What a code brought into one of its groups: everybody who came by it, those still there, those who left."""

    live_code_id: UUID
    group_id: UUID
    joined: int
    here: int
    left: int


def joins_of(tx: Tx, ids: Sequence[UUID]) -> list[Joins]:
    """Sums of some codes by group. The transaction must see every customer: these are the company's figures."""
    return tx.all(
        Joins,
        """
        select live_code_id, group_chat_id as group_id, count(*) as joined, count(*) filter (where left_at is null) as here,
          count(*) filter (where left_at is not null) as "left"
        from group_membership
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and live_code_id = any(%(ids)s::uuid[])
        group by live_code_id, group_chat_id
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "ids": list(ids)},
    )


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """What the group codes of one source brought. A person counts once for a source, however many of its groups she is in."""

    channel: str
    codes: int
    joined: int
    here: int
    left: int


def by_channel(tx: Tx) -> list[ChannelRow]:
    """Sums by source, most first. The transaction must see every customer."""
    return tx.all(
        ChannelRow,
        """
        with p as (
          select c.channel, m.customer_id, bool_and(m.left_at is not null) as gone
          from group_membership as m join live_code as c on c.tenant_id = %(tenant)s and c.id = m.live_code_id
          where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.live_code_id is not null
          group by c.channel, m.customer_id)
        select k.channel, k.codes, count(p.customer_id) as joined, count(*) filter (where not p.gone) as here, count(*) filter (where p.gone) as "left"
        from (select channel, count(*) as codes from live_code where tenant_id = %(tenant)s and kind = 'group' group by channel) as k
        left join p on p.channel = k.channel group by k.channel, k.codes order by joined desc, k.channel limit 200
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS},
    )


def create_code(tx: Tx, given: NewGroupCode) -> UUID:
    """Set a code up. Raises InvalidInput, Conflict (name taken, the platform's limit), NotFound for the account."""
    check_account(tx, given.account_id)
    _check_seats(tx, given.account_id, given.seats)
    check_name(tx, given.name, None)
    check_room(tx, given.account_id)
    code_id = new_id()
    params = {
        "id": code_id, "tenant": tx.tenant_id, "account": given.account_id, "name": given.name, "channel": given.channel, "state": new_state(),
        "now": tx.now, "at": tx.machine_now, "opens": given.opens_groups, "base_name": given.base_name, "base_id": given.base_id,
    }  # fmt: skip
    tx.execute(
        """
        insert into live_code (id, tenant_id, account_id, name, channel, kind, state, due_at, created_at, updated_at)
        values (%(id)s, %(tenant)s, %(account)s, %(name)s, %(channel)s, 'group', %(state)s, %(now)s, %(at)s, %(at)s)
        """,
        params,
    )
    tx.execute(
        """
        insert into group_code (tenant_id, live_code_id, opens_groups, base_name, base_id)
        values (%(tenant)s, %(id)s, %(opens)s, %(base_name)s, %(base_id)s)
        """,
        params,
    )
    _put_seats(tx, code_id, given.seats)
    after = {"name": given.name, "channel": given.channel, "groups": len(given.seats)}
    audit.record(tx, "live_code.created", "live_code", code_id, None, after)
    return code_id


def change_code(tx: Tx, code_id: UUID, given: GroupCodeChange) -> None:
    """Change what is given; the printed code stays the same. Raises NotFound, InvalidInput, Conflict."""
    before = get_code(tx, code_id)
    if before.status == "archived":
        raise Conflict("live_code_archived", "已停用的活码不能修改。", "A retired live code cannot be changed.")
    if given.seats is not None:
        _check_seats(tx, before.account_id, given.seats)
    if given.name is not None:
        check_name(tx, given.name, code_id)
    names = ("name", "channel", "opens_groups", "base_name", "base_id")
    new = {name: getattr(before, name) if (value := getattr(given, name)) is None else value for name in names}
    params = new | {"tenant": tx.tenant_id, "id": code_id, "now": tx.now, "at": tx.machine_now}
    tx.execute(
        """
        update live_code set name = %(name)s, channel = %(channel)s, version = version + 1, due_at = %(now)s, failures = 0, problem = null,
          updated_at = %(at)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        params,
    )
    tx.execute(
        """
        update group_code set opens_groups = %(opens_groups)s, base_name = %(base_name)s, base_id = %(base_id)s
        where tenant_id = %(tenant)s and live_code_id = %(id)s
        """,
        params,
    )
    old, changed = audit.changes({name: getattr(before, name) for name in new}, new)
    if given.seats is not None:
        _put_seats(tx, code_id, given.seats)
        changed = {**changed, "groups": [str(one.group_id) for one in given.seats]}
    audit.record(tx, "live_code.changed", "live_code", code_id, old, changed)


def archive_code(tx: Tx, code_id: UUID) -> None:
    """Retire a code; what it brought stays. Raises NotFound."""
    before = get_code(tx, code_id)
    if before.status == "archived":
        return
    tx.execute(
        """
        update live_code set status = 'archived', version = version + 1, due_at = %(now)s, failures = 0, problem = null, updated_at = %(at)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {"tenant": tx.tenant_id, "id": code_id, "now": tx.now, "at": tx.machine_now},
    )
    audit.record(tx, "live_code.archived", "live_code", code_id, {"name": before.name}, None)


def _check_seats(tx: Tx, account_id: UUID, seats: list[GroupSeat]) -> None:
    ids = [one.group_id for one in seats]
    known = tx.values(
        "select id from group_chat where tenant_id = %(tenant)s and account_id = %(account)s and id = any(%(ids)s::uuid[])",
        {"tenant": tx.tenant_id, "account": account_id, "ids": ids},
    )
    problems: list[Detail] = []
    if len(set(ids)) != len(ids):
        problems.append(Detail("seats", "同一个群出现两次", "a group stands there twice"))
    if set(ids) - set(known):
        problems.append(Detail("seats", "没有这个客户群", "there is no such group of this account"))
    if problems:
        raise InvalidInput(
            "bad_live_code", "活码设置有误。", "The live code is not set up rightly.", details=tuple(problems)
        )


def _put_seats(tx: Tx, code_id: UUID, seats: list[GroupSeat]) -> None:
    params = {"tenant": tx.tenant_id, "id": code_id}
    rows = [one.model_dump(mode="json") | {"place": place} for place, one in enumerate(seats)]
    tx.execute(
        """
        with said as (select * from jsonb_to_recordset(%(rows)s::jsonb) as n(group_id uuid, cap int, place smallint)),
        gone as (
          delete from group_code_seat where tenant_id = %(tenant)s and live_code_id = %(id)s
            and group_chat_id not in (select group_id from said))
        insert into group_code_seat (tenant_id, live_code_id, group_chat_id, place, cap)
        select %(tenant)s, %(id)s, group_id, place, cap from said
        on conflict (tenant_id, live_code_id, group_chat_id) do update set place = excluded.place, cap = excluded.cap
        """,
        params | {"rows": to_json(rows)},
    )
