"""Keeping the platform's codes as live codes want them: made, changed at every turn of duty, cap and weight, taken away.

A code is held by one worker at a time (`holder`, until `leased_until`): it decides, asks the platform outside any transaction, and writes
down what came of it only while it still holds the code. A making that was never answered is looked for by its `state` before another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from tandem.domains.contact import codes
from tandem.domains.contact.choosing import Choice, Seat, choose, hours_of
from tandem.domains.contact.gateway import CodeSpec, GatewayFailure, Line, Placed
from tandem.domains.contact.lines import line_of
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Unavailable
from tandem.kernel.ids import new_id
from tandem.stream.rows import to_json

log = structlog.get_logger("tandem.contact")

LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 20
SLACK: Final = timedelta(minutes=5)
"""How far the platform's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class Held:
    """A code that this worker holds."""

    id: UUID
    account_id: UUID
    name: str
    kind: str
    status: str
    state: str
    skip_verify: bool
    config_id: str | None
    qr_url: str | None
    version: int
    placed_version: int | None
    placed: list[str]
    asked_at: datetime | None
    failures: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What is written down of a code after it was looked at."""

    placed: Placed | None
    members: tuple[str, ...]
    reason: str | None
    due_at: datetime | None
    asked: bool = False


def freshen(tx: Tx) -> None:
    """Codes by which somebody came are looked at again: her adviser may be full now, or another's turn have come."""
    tx.execute(
        """
        with heard as materialized (
          select id, live_code_id from friend_call where tenant_id = %(tenant)s and fresh and live_code_id is not null
          order by received_at limit 5000 for update skip locked
        ), seen as (
          update friend_call as f set fresh = false from heard as h where f.tenant_id = %(tenant)s and f.id = h.id
        ), changed as materialized (
          select c.id from live_code as c where c.tenant_id = %(tenant)s and c.status = 'active' and c.id in (select live_code_id from heard)
          order by c.id for update
        )
        update live_code as c set due_at = %(now)s from changed as n where c.tenant_id = %(tenant)s and c.id = n.id
        """,
        {"tenant": tx.tenant_id, "now": tx.now},
    )


# Whoever takes a code empties `due_at`: one still held after its lease is of a worker that stopped midway.
_TAKE: Final = """
with due as materialized (
  select id from live_code where tenant_id = %(tenant)s and kind <> 'group' and (due_at <= %(now)s or (due_at is null and holder is not null))
    and (leased_until is null or leased_until <= %(machine_now)s)
  order by due_at nulls first limit %(limit)s for update skip locked)
update live_code as c set leased_until = %(machine_now)s::timestamptz + %(lease)s, holder = %(holder)s, due_at = null from due as d
where c.tenant_id = %(tenant)s and c.id = d.id
returning c.id, c.account_id, c.name, c.kind, c.status, c.state, c.skip_verify, c.config_id, c.qr_url, c.version, c.placed_version, c.placed,
  c.asked_at, c.failures
"""


def place_due(db: Database, tenant: UUID) -> int:
    """Look after a tenant's due codes; returns how many."""
    holder = new_id()
    with db.tx("worker", tenant=tenant) as tx:
        freshen(tx)
        held = tx.all(
            Held,
            _TAKE,
            {
                "tenant": tenant,
                "now": tx.now,
                "machine_now": tx.machine_now,
                "limit": AT_ONCE,
                "lease": LEASE,
                "holder": holder,
            },
        )
        choose_for = _chooser(tx, held)
    for account in sorted({one.account_id for one in held}):
        mine = [one for one in held if one.account_id == account]
        try:
            with line_of(db, tenant, account) as line:
                for one in mine:
                    _place(db, tenant, holder, line, one, choose_for)
        except GatewayFailure as failure:
            for one in mine:
                _failed(db, tenant, holder, one, failure)
        except Unavailable:
            raise
        except Exception:  # the edge of an account: whatever opening it raised must not keep the others' codes
            log.exception("live_codes_broke", tenant=str(tenant), account=str(account))
            for one in mine:
                _failed(db, tenant, holder, one, _ours())
    return len(held)


def _chooser(tx: Tx, held: list[Held]) -> Callable[[Held], Choice]:
    """Who gets a code's next friend, asked code by code: one set up wrongly fails alone."""
    seats = codes.seats_of(tx, [one.id for one in held])
    now, zone = tx.now, ZoneInfo(tx.zone)
    return lambda one: choose([_seat(row) for row in seats[one.id]], now, zone, single=one.kind == "single")


def _ours() -> GatewayFailure:
    """What is shown of an error of our own, which the log tells with its trace; it is tried again like the platform's."""
    return GatewayFailure("later", "本系统处理出错 / our own error")


def _seat(row: codes.SeatRow) -> Seat:
    return Seat(row.member, row.weight, row.daily_cap, row.backup, hours_of(row.hours), row.status != "away", row.today)


def _still_held(db: Database, tenant: UUID, holder: UUID, one: Held) -> bool:
    """Whether the code is still ours, for another minute: others may have been slow before it."""
    with db.tx("worker", tenant=tenant) as tx:
        return bool(
            tx.execute(
                "update live_code set leased_until = now() + %(lease)s where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s",
                {"tenant": tenant, "id": one.id, "holder": holder, "lease": LEASE},
            )
        )


def _place(
    db: Database, tenant: UUID, holder: UUID, line: Line, one: Held, choose_for: Callable[[Held], Choice]
) -> None:
    if not _still_held(db, tenant, holder, one):
        return
    try:
        if one.status == "archived":
            _drop(line, one)
            _done(db, tenant, holder, one, _Outcome(None, (), None, None))
            return
        choice = choose_for(one)
        same = one.placed_version == one.version and set(one.placed) == set(choice.members)
        if same or not choice.members:
            # With nobody left who may have customers, the code stays as it is: the platform takes none that leads to nobody.
            placed = Placed(one.config_id, one.qr_url or "") if one.config_id else None
            members = choice.members or tuple(one.placed)
        else:
            placed, members = _ask(db, tenant, line, one, choice), choice.members
        _done(db, tenant, holder, one, _Outcome(placed, members, choice.reason, choice.next_at))
    except GatewayFailure as failure:
        _failed(db, tenant, holder, one, failure)
    except Unavailable:
        raise
    except Exception:  # the edge of a code: whatever it raises must not take the rest of the batch with it
        log.exception("live_code_broke", tenant=str(tenant), code=str(one.id))
        _failed(db, tenant, holder, one, _ours())


def _ask(db: Database, tenant: UUID, line: Line, one: Held, choice: Choice) -> Placed:
    spec = CodeSpec(one.kind == "single", one.state, one.name, one.skip_verify, choice.members)
    known, put = one.config_id, line.put_link if one.kind == "link" else line.put_code
    if known is None and one.asked_at is not None:
        # The making before this one was never answered: the code may be there.
        found = _find(line, one, one.asked_at)
        known = None if found is None else found.config_id
        if found is not None:
            put(found.config_id, spec)
            return found
    if known is None:
        with db.tx("worker", tenant=tenant) as tx:
            tx.execute(
                "update live_code set asked_at = coalesce(asked_at, now()) where tenant_id = %(tenant)s and id = %(id)s",
                {"tenant": tenant, "id": one.id},
            )
    try:
        made = put(known, spec)
    except GatewayFailure as failure:
        if failure.why != "gone" or known is None:
            raise
        # Somebody took the platform's code away there: people need another one. Whoever dies over it has it looked for by the next.
        with db.tx("worker", tenant=tenant) as tx:
            tx.execute(
                "update live_code set config_id = null, asked_at = now() where tenant_id = %(tenant)s and id = %(id)s and config_id = %(known)s",
                {"tenant": tenant, "id": one.id, "known": known},
            )
        return put(None, spec)
    return made if known is None else Placed(known, one.qr_url or made.qr_url)


def _find(line: Line, one: Held, asked_at: datetime) -> Placed | None:
    return line.find_link(one.state) if one.kind == "link" else line.find_code(one.state, asked_at - SLACK)


def _drop(line: Line, one: Held) -> None:
    config = one.config_id
    if config is None and one.asked_at is not None:
        found = _find(line, one, one.asked_at)
        config = None if found is None else found.config_id
    if config is None:
        return
    try:
        line.drop_link(config) if one.kind == "link" else line.drop_code(config)
    except GatewayFailure as failure:
        if failure.why != "gone":
            raise


def _done(db: Database, tenant: UUID, holder: UUID, one: Held, outcome: _Outcome) -> None:
    """Write down where the code leads now. Somebody who came meanwhile made it due again: that stays."""
    placed = outcome.placed
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update live_code set config_id = %(config)s, qr_url = %(qr)s, placed = %(members)s::text[], placed_version = %(version)s,
              placed_at = case when placed is distinct from %(members)s::text[] or placed_version is distinct from %(version)s then now() else placed_at end,
              reason = %(reason)s, due_at = least(due_at, %(due)s::timestamptz), asked_at = null, leased_until = null, holder = null, failures = 0,
              problem = null
            where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s
            """,
            {
                "tenant": tenant, "id": one.id, "holder": holder, "config": placed.config_id if placed else None, "qr": placed.qr_url if placed else None,
                "members": list(outcome.members), "version": one.version, "reason": outcome.reason, "due": outcome.due_at,
            },
        )  # fmt: skip


def put_off(tx: Tx, holder: UUID, code_id: UUID, failures: int, failure: GatewayFailure) -> None:
    """Let go of a code that could not be placed, with the reason; it is tried again when it was due anyway, or after a pause."""
    tx.execute(
        """
        update live_code set due_at = least(due_at, %(due)s::timestamptz), leased_until = null, holder = null, failures = failures + 1,
          problem = %(problem)s::jsonb
        where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s
        """,
        {
            "tenant": tx.tenant_id,
            "id": code_id,
            "holder": holder,
            "due": tx.now + failure.pause(failures),
            "problem": to_json(failure.problem()),
        },
    )


def _failed(db: Database, tenant: UUID, holder: UUID, one: Held, failure: GatewayFailure) -> None:
    log.warning(
        "live_code_not_placed", tenant=str(tenant), code=str(one.id), why=failure.why, platform_code=failure.code
    )
    with db.tx("worker", tenant=tenant) as tx:
        put_off(tx, holder, one.id, one.failures, failure)
        if failure.why == "refused":
            # Perhaps one of the advisers left: whoever is not there any more must not keep the others from their friends.
            tx.execute(
                "update contact_account set advisers_due_at = now() where tenant_id = %(tenant)s and account_id = %(account)s",
                {"tenant": tenant, "account": one.account_id},
            )


def problem_words(problem: dict[str, Any] | None) -> str | None:
    """A problem as people who look after the account read it: the platform's word with its number."""
    if problem is None:
        return None
    code = str(problem.get("code") or "")
    return f"{problem.get('told')} ({code})" if code else str(problem.get("told"))
