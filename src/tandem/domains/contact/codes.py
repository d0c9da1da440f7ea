"""Live codes as people set them up. What the platform holds follows within a moment (`placing`)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.acquiring import service as acquiring
from tandem.domains.contact.gateway import connectors
from tandem.domains.contact.shapes import LiveCodeChange, NewLiveCode, Seat
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.stream.rows import to_json
from tandem.stream.tags import service as tags

_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_STATE_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A live code without who is behind it."""

    id: UUID
    account_id: UUID
    name: str
    channel: str
    kind: str
    status: str
    state: str
    skip_verify: bool
    tags: list[str]
    qr_url: str | None
    version: int
    placed_version: int | None
    placed: list[str]
    placed_at: datetime | None
    reason: str | None
    problem: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime


_CODE: Final = """
select id, account_id, name, channel, kind, status, state, skip_verify, tags, qr_url, version, placed_version, placed, placed_at, reason, problem,
  created_at, updated_at
from live_code where tenant_id = %(tenant)s and kind <> 'group'
"""


def list_codes(
    tx: Tx, *, archived: bool, q: str | None, cursor: str | None, limit: int
) -> tuple[list[CodeRow], str | None]:
    """A page of live codes, newest first. Raises InvalidInput for a cursor we did not make."""
    made, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        CodeRow,
        f"""{_CODE} and status = case when %(archived)s then 'archived' else 'active' end
        and (%(q)s::text is null or position(lower(%(q)s) in lower(name || ' ' || channel)) > 0)
        and (%(made)s::timestamptz is null or (created_at, id) < (%(made)s::timestamptz, %(last)s::uuid))
        order by created_at desc, id desc limit %(more)s""",
        {"tenant": tx.tenant_id, "archived": archived, "q": q, "made": made, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "created_at", "id")


def get_code(tx: Tx, code_id: UUID) -> CodeRow:
    """One live code. Raises NotFound."""
    row = tx.maybe(CodeRow, f"{_CODE} and id = %(id)s", {"tenant": tx.tenant_id, "id": code_id})
    if row is None:
        raise NotFound("no_such_live_code", "没有这个渠道活码。", "There is no such live code.")
    return row


@dataclass(frozen=True, slots=True)
class SeatRow:
    """An adviser behind a code, with her name as the platform knows it."""

    live_code_id: UUID
    member: str
    name: str | None
    status: str | None
    weight: int
    daily_cap: int | None
    backup: bool
    hours: list[Any]
    today: int


_SEATS: Final = """
select s.live_code_id, s.member, a.name, a.status, s.weight, s.daily_cap, s.backup, s.hours, coalesce(f.n, 0) as today
from live_code_seat as s
join live_code as c on c.tenant_id = %(tenant)s and c.id = s.live_code_id
left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = c.account_id and a.member = s.member
left join (
  select live_code_id, member, count(distinct who) as n from friend_call
  where tenant_id = %(tenant)s and live_code_id = any(%(ids)s::uuid[]) and day = (%(now)s at time zone %(zone)s)::date
  group by live_code_id, member) as f on f.live_code_id = s.live_code_id and f.member = s.member
where s.tenant_id = %(tenant)s and s.live_code_id = any(%(ids)s::uuid[])
order by s.live_code_id, s.place
"""


def seats_of(tx: Tx, ids: list[UUID]) -> dict[UUID, list[SeatRow]]:
    """Who is behind some codes, in order, with how many friends each code gave them today."""
    found: dict[UUID, list[SeatRow]] = {one: [] for one in ids}
    params = {"tenant": tx.tenant_id, "ids": ids, "now": tx.now, "zone": tx.zone}
    for row in tx.all(SeatRow, _SEATS, params):
        found[row.live_code_id].append(row)
    return found


def new_state() -> str:
    """A word by which the platform names a code when somebody came by it."""
    return "t" + "".join(secrets.choice(_ALPHABET) for _ in range(_STATE_LENGTH))


def create_code(tx: Tx, given: NewLiveCode) -> UUID:
    """Set a code up. Raises InvalidInput, Conflict (name taken, the platform's limit), NotFound for the account."""
    check_account(tx, given.account_id)
    _check_seats(given.kind, given.seats)
    check_name(tx, given.name, None)
    if given.kind == "link":
        acquiring.watch(tx, given.account_id)
    else:
        check_room(tx, given.account_id)
    code_id, names = new_id(), _tags(tx, given.tags)
    tx.execute(
        """
        insert into live_code (id, tenant_id, account_id, name, channel, kind, state, skip_verify, tags, due_at, created_at, updated_at)
        values (%(id)s, %(tenant)s, %(account)s, %(name)s, %(channel)s, %(kind)s, %(state)s, %(skip)s, %(tags)s::text[], %(now)s, %(at)s, %(at)s)
        """,
        {
            "id": code_id, "tenant": tx.tenant_id, "account": given.account_id, "name": given.name, "channel": given.channel, "kind": given.kind,
            "state": new_state(), "skip": given.skip_verify, "tags": names,
            "now": tx.now, "at": tx.machine_now,
        },
    )  # fmt: skip
    _put_seats(tx, code_id, given.seats)
    after = {"name": given.name, "channel": given.channel, "advisers": len(given.seats)}
    audit.record(tx, "live_code.created", "live_code", code_id, None, after)
    return code_id


def change_code(tx: Tx, code_id: UUID, given: LiveCodeChange) -> None:
    """Change what is given; the platform's code follows. Raises NotFound, InvalidInput, Conflict."""
    before = get_code(tx, code_id)
    if before.status == "archived":
        raise Conflict("live_code_archived", "已停用的活码不能修改。", "A retired live code cannot be changed.")
    if given.seats is not None:
        _check_seats(before.kind, given.seats)
    if given.name is not None:
        check_name(tx, given.name, code_id)
    new = {
        "name": before.name if given.name is None else given.name,
        "channel": before.channel if given.channel is None else given.channel,
        "skip_verify": before.skip_verify if given.skip_verify is None else given.skip_verify,
        "tags": before.tags if given.tags is None else _tags(tx, given.tags),
    }
    tx.execute(
        """
        update live_code set name = %(name)s, channel = %(channel)s, skip_verify = %(skip_verify)s, tags = %(tags)s::text[], version = version + 1,
          due_at = %(now)s, failures = 0, problem = null, updated_at = %(at)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        new | {"tenant": tx.tenant_id, "id": code_id, "now": tx.now, "at": tx.machine_now},
    )
    old, changed = audit.changes({name: getattr(before, name) for name in new}, new)
    if given.seats is not None:
        changed = {**changed, "advisers": [one.member for one in given.seats]}
        _put_seats(tx, code_id, given.seats)
    audit.record(tx, "live_code.changed", "live_code", code_id, old, changed)


def archive_code(tx: Tx, code_id: UUID) -> None:
    """Retire a code: the platform's is taken away, so scans of it lead nowhere. What it brought stays. Raises NotFound."""
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


def retry_code(tx: Tx, code_id: UUID) -> None:
    """Ask the platform again now. Raises NotFound."""
    get_code(tx, code_id)
    tx.execute(
        "update live_code set due_at = %(now)s, failures = 0, leased_until = null where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": code_id, "now": tx.now},
    )


def check_account(tx: Tx, account_id: UUID) -> None:
    """Raises NotFound for an account without friends."""
    found = tx.value(
        "select 1 from source_account where tenant_id = %(tenant)s and id = %(id)s and connector = any(%(connectors)s::text[])",
        {"tenant": tx.tenant_id, "id": account_id, "connectors": connectors()},
    )
    if found is None:
        raise NotFound("no_such_account", "没有这个企业微信账号。", "There is no such account with friends.")
    tx.execute(
        "insert into contact_account (tenant_id, account_id) values (%(tenant)s, %(id)s) on conflict do nothing",
        {"tenant": tx.tenant_id, "id": account_id},
    )


def _check_seats(kind: str, seats: list[Seat]) -> None:
    names = [one.member for one in seats]
    problems: list[Detail] = []
    if len(set(names)) != len(names):
        problems.append(Detail("seats", "同一员工出现两次", "an adviser stands there twice"))
    if all(one.backup for one in seats):
        problems.append(Detail("seats", "至少要有一位非备用员工", "at least one adviser who is no backup"))
    if kind == "single" and len(seats) != 1:
        problems.append(Detail("seats", "单人活码只能有一位员工", "a code for one has exactly one adviser"))
    if problems:
        raise InvalidInput(
            "bad_live_code", "活码设置有误。", "The live code is not set up rightly.", details=tuple(problems)
        )


def check_name(tx: Tx, name: str, but: UUID | None) -> None:
    """Raises Conflict where another live code has the name."""
    taken = tx.value(
        "select 1 from live_code where tenant_id = %(tenant)s and name = %(name)s and status = 'active' and id is distinct from %(but)s",
        {"tenant": tx.tenant_id, "name": name, "but": but},
    )
    if taken:
        raise Conflict(
            "live_code_name_taken",
            f"已有名为“{name}”的活码。",
            f"There is already a live code called “{name}”.",
            details=(Detail("name", "名称重复", "name already taken"),),
        )


def check_room(tx: Tx, account_id: UUID) -> None:
    """Raises Conflict where the platform takes no more codes."""
    room = quota(tx, account_id)
    if room.used >= room.most:
        raise Conflict(
            "live_codes_full",
            f"平台最多允许 {room.most} 个活码，请先停用不再使用的活码。",
            f"The platform allows {room.most} live codes; retire some that are not used any more.",
        )


@dataclass(frozen=True, slots=True)
class Room:
    """How many codes an account has at the platform, and how many it may have."""

    used: int
    most: int


def quota(tx: Tx, account_id: UUID) -> Room:
    """An account's room for codes. Codes not yet placed count: they are on their way."""
    return tx.one(
        Room,
        """
        select (select count(*) from live_code where tenant_id = %(tenant)s and account_id = %(id)s
                and kind <> 'link' and (status = 'active' or config_id is not null)) as used,
          coalesce((select codes_max from contact_account where tenant_id = %(tenant)s and account_id = %(id)s), 500000) as most
        """,
        {"tenant": tx.tenant_id, "id": account_id},
    )


def _tags(tx: Tx, names: list[str]) -> list[str]:
    cleaned = list(dict.fromkeys(tags.clean(one) for one in names))
    tags.refuse_computed(tx, cleaned)
    return cleaned


def _put_seats(tx: Tx, code_id: UUID, seats: list[Seat]) -> None:
    params = {"tenant": tx.tenant_id, "id": code_id}
    tx.execute("delete from live_code_seat where tenant_id = %(tenant)s and live_code_id = %(id)s", params)
    rows = [one.model_dump(mode="json", by_alias=True) | {"place": place} for place, one in enumerate(seats)]
    tx.execute(
        """
        insert into live_code_seat (tenant_id, live_code_id, member, place, weight, daily_cap, backup, hours)
        select %(tenant)s, %(id)s, n.member, n.place, n.weight, n.daily_cap, n.backup, n.hours
        from jsonb_to_recordset(%(rows)s::jsonb) as n(member text, place smallint, weight smallint, daily_cap int, backup boolean, hours jsonb)
        """,
        params | {"rows": to_json(rows)},
    )
