"""Keeping the platform's group codes as they are wanted: who is full gives way to the next.

As with codes of advisers (`contact.placing`) one worker holds a code at a time and writes only while it does. WeCom lists no group codes,
so one whose making was never answered stays there unused, and another is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from tandem.domains.contact.gateway import GatewayFailure, Line
from tandem.domains.contact.groups import codes
from tandem.domains.contact.groups.choosing import Seat, choose
from tandem.domains.contact.groups.ports import JoinSpec, JoinWay
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.placing import put_off
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import new_id

log = structlog.get_logger("tandem.contact")

LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Held:
    """A group code that this worker holds, and the groups that it should name."""

    id: UUID
    account_id: UUID
    name: str
    status: str
    state: str
    config_id: str | None
    qr_url: str | None
    version: int
    placed_version: int | None
    placed: list[str]
    failures: int
    opens_groups: bool
    base_name: str
    base_id: int
    size_max: int


_TAKE: Final = """
with due as materialized (
  select id from live_code where tenant_id = %(tenant)s and kind = 'group' and (due_at <= %(now)s or (due_at is null and holder is not null))
    and (leased_until is null or leased_until <= %(machine_now)s)
  order by due_at nulls first limit %(limit)s for update skip locked)
update live_code as c set leased_until = %(machine_now)s::timestamptz + %(lease)s, holder = %(holder)s, due_at = null
from due as d join group_code as g on g.tenant_id = %(tenant)s and g.live_code_id = d.id
where c.tenant_id = %(tenant)s and c.id = d.id
returning c.id, c.account_id, c.name, c.status, c.state, c.config_id, c.qr_url, c.version, c.placed_version, c.placed, c.failures,
  g.opens_groups, g.base_name, g.base_id,
  coalesce((select size_max from group_account as a where a.tenant_id = %(tenant)s and a.account_id = c.account_id), 500) as size_max
"""


def place_due(db: Database, tenant: UUID) -> int:
    """Look after a tenant's due group codes; returns how many."""
    holder = new_id()
    with db.tx("worker", tenant=tenant) as tx:
        times = {"now": tx.now, "machine_now": tx.machine_now}
        held = tx.all(Held, _TAKE, times | {"tenant": tenant, "limit": AT_ONCE, "lease": LEASE, "holder": holder})
        seats = codes.seats_of(tx, [one.id for one in held])
    for account in sorted({one.account_id for one in held}):
        mine = [one for one in held if one.account_id == account]
        try:
            with line_of(db, tenant, account) as line:
                for one in mine:
                    _place(db, tenant, holder, line, one, seats[one.id])
        except GatewayFailure as failure:
            for one in mine:
                _failed(db, tenant, holder, one, failure)
    return len(held)


def _place(db: Database, tenant: UUID, holder: UUID, line: Line, one: Held, seats: list[codes.SeatRow]) -> None:
    chats, reason = choose(
        [Seat(row.chat_id, row.cap, row.people, row.status == "active") for row in seats], one.size_max
    )
    if not _still_held(db, tenant, holder, one):
        return  # others were slow before it, and another worker has it by now
    try:
        if one.status == "archived":
            _drop(line, one)
            outcome: dict[str, Any] = {"config": None, "qr": None, "placed": [], "reason": None}
        else:
            same = one.placed_version == one.version and one.placed == list(chats)
            way = None if same or not chats else _put(line, one, chats)
            outcome = {
                "config": one.config_id if way is None else way.config_id,
                "qr": one.qr_url if way is None else way.qr_url,
                "placed": list(chats) or one.placed,
                "reason": reason,
            }
    except GatewayFailure as failure:
        _failed(db, tenant, holder, one, failure)
        return
    with db.tx("worker", tenant=tenant) as tx:
        _done(tx, holder, one, outcome)


def _still_held(db: Database, tenant: UUID, holder: UUID, one: Held) -> bool:
    """Whether the code is still ours, for another minute."""
    with db.tx("worker", tenant=tenant) as tx:
        return bool(
            tx.execute(
                "update live_code set leased_until = now() + %(lease)s where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s",
                {"tenant": tenant, "id": one.id, "holder": holder, "lease": LEASE},
            )
        )


def _put(line: Line, one: Held, chats: tuple[str, ...]) -> JoinWay:
    spec = JoinSpec(one.state, one.name, chats, one.opens_groups, one.base_name or one.name, one.base_id)
    try:
        config = line.put_join_way(one.config_id, spec)
    except GatewayFailure as failure:
        if failure.why != "gone" or one.config_id is None:
            raise
        # Somebody took the platform's code away there: people need another one.
        config = line.put_join_way(None, spec)
    if config == one.config_id and one.qr_url:
        return JoinWay(config, one.qr_url, chats)
    return line.join_way(config)


def _drop(line: Line, one: Held) -> None:
    if one.config_id is None:
        return
    try:
        line.drop_join_way(one.config_id)
    except GatewayFailure as failure:
        if failure.why != "gone":
            raise


def _done(tx: Tx, holder: UUID, one: Held, outcome: dict[str, Any]) -> None:
    """Write down where the code leads now. Who came meanwhile made it due again: that stays."""
    tx.execute(
        """
        update live_code set config_id = %(config)s, qr_url = %(qr)s, placed = %(placed)s::text[], placed_version = %(version)s,
          placed_at = now(), reason = %(reason)s, leased_until = null, holder = null, failures = 0, problem = null
        where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s
        """,
        outcome | {"tenant": tx.tenant_id, "id": one.id, "holder": holder, "version": one.version},
    )


def _failed(db: Database, tenant: UUID, holder: UUID, one: Held, failure: GatewayFailure) -> None:
    log.warning(
        "group_code_not_placed", tenant=str(tenant), code=str(one.id), why=failure.why, platform_code=failure.code
    )
    with db.tx("worker", tenant=tenant) as tx:
        put_off(tx, holder, one.id, one.failures, failure)
