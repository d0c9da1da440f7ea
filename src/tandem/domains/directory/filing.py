"""Changes as they wait, are done, and stay as history. Who leaves never waits, unless too many would go at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.domains.directory import knowing
from tandem.domains.directory.deciding import Change, too_many
from tandem.kernel.db import Tx
from tandem.kernel.ids import new_id
from tandem.kernel.live import announce

LOOKED_BACK: Final = timedelta(days=1)
TOPIC: Final = "directory"


@dataclass(frozen=True, slots=True)
class Terms:
    """How an account is handled."""

    mode: str
    stop_percent: int
    stop_least: int
    stopped: bool


def terms(tx: Tx, account: UUID) -> Terms | None:
    """How an account is handled; None for one that is no directory (any more). Changes of one account are decided one after the other."""
    return tx.maybe(
        Terms,
        """
        select mode, stop_percent, stop_least, stopped_at is not null as stopped from directory_account
        where tenant_id = %(tenant)s and account_id = %(account)s for no key update
        """,
        {"tenant": tx.tenant_id, "account": account},
    )


def file_changes(tx: Tx, account: UUID, members: Sequence[str] | None = None) -> list[UUID]:
    """Compare and write down what is to be done, about all members or some; returns the changes that may be done without anybody's word.

    An open change that is no longer due is dropped. Leavers beyond the limit are held, and so is every later one until somebody decides.
    """
    rule = terms(tx, account)
    if rule is None:
        return []
    found = knowing.changes(tx, account, members)
    _drop_others(tx, account, found, members)
    leaving = [one for one in found if one.what == "leave"]
    stopped = rule.stopped or _stops(tx, account, rule, leaving)
    if stopped and not rule.stopped:
        _stop(tx, account, len(leaving))
    refused = _refused(tx, account)
    ready: list[UUID] = []
    for one in found:
        if one.what != "leave" and refused.get(one.member) == (one.what, knowing.stored(one.after)):
            continue
        is_held = one.what == "leave" and stopped
        change = _file(tx, account, one, "held" if is_held else "open")
        by_itself = one.what == "leave" or (rule.mode == "auto" and one.what in {"join", "move"} and not one.why)
        if by_itself and not is_held:
            ready.append(change)
    if found:
        announce(tx, TOPIC)
    if members is None:
        go_on(tx)
    return ready


def go_on(tx: Tx) -> None:
    """A stop is over when nobody who was held by it waits any more: somebody decided, or the directory has them back."""
    tx.execute(
        """
        update directory_account as a set stopped_at = null where a.tenant_id = %(tenant)s and a.stopped_at is not null and not exists (
          select from directory_change as c where c.tenant_id = %(tenant)s and c.account_id = a.account_id and c.state = 'held')
        """,
        {"tenant": tx.tenant_id},
    )


def _refused(tx: Tx, account: UUID) -> dict[str, tuple[str, list[Any]]]:
    """What somebody said no to last, by member: it is not proposed again as it was."""
    rows = tx.cursor(
        """
        select distinct on (member) member, what, after from directory_change
        where tenant_id = %(tenant)s and account_id = %(account)s and state = 'refused' order by member, id desc
        """,
        {"tenant": tx.tenant_id, "account": account},
    ).fetchall()
    return {str(member): (str(what), after) for member, what, after in rows}


def _stops(tx: Tx, account: UUID, rule: Terms, leaving: Sequence[Change]) -> bool:
    params = {"tenant": tx.tenant_id, "account": account, "since": tx.machine_now - LOOKED_BACK}
    ended: int = tx.value(
        """
        select count(*) from directory_change where tenant_id = %(tenant)s and account_id = %(account)s and what = 'leave'
          and state = 'done' and done_at > %(since)s and decided_by is null
        """,
        params,
    )
    managed: int = tx.value(
        """
        select count(*) from directory_member as m join staff_user as u on u.tenant_id = %(tenant)s and u.id = m.user_id and u.active
        where m.tenant_id = %(tenant)s and m.account_id = %(account)s
        """,
        params,
    )
    if not leaving:
        return False
    return too_many(len(leaving) + ended, managed + ended, percent=rule.stop_percent, least=rule.stop_least)


def _stop(tx: Tx, account: UUID, leaving: int) -> None:
    tx.execute(
        "update directory_account set stopped_at = now() where tenant_id = %(tenant)s and account_id = %(account)s",
        {"tenant": tx.tenant_id, "account": account},
    )
    audit.record(tx, "directory.stopped", "source_account", account, None, {"leaving": leaving})


def _drop_others(tx: Tx, account: UUID, found: Sequence[Change], members: Sequence[str] | None) -> None:
    tx.execute(
        """
        update directory_change set state = 'dropped', done_at = now() where tenant_id = %(tenant)s and account_id = %(account)s
          and state in ('open', 'held') and (%(members)s::text[] is null or member = any(%(members)s::text[]))
          and not (member || ' ' || what) = any(%(due)s::text[])
        """,
        {
            "tenant": tx.tenant_id,
            "account": account,
            "members": None if members is None else list(members),
            "due": [f"{one.member} {one.what}" for one in found],
        },
    )


def _file(tx: Tx, account: UUID, one: Change, state: str) -> UUID:
    params: dict[str, Any] = {
        "tenant": tx.tenant_id,
        "id": new_id(),
        "account": account,
        "member": one.member,
        "name": one.name,
        "what": one.what,
        "user": one.user_id,
        "before": Jsonb(knowing.stored(one.before)),
        "after": Jsonb(knowing.stored(one.after)),
        "state": state,
        "why": "too_many" if state == "held" else one.why,
    }
    return tx.value(
        """
        insert into directory_change as c (id, tenant_id, account_id, member, name, what, user_id, before, after, state, why, found_at)
        values (%(id)s, %(tenant)s, %(account)s, %(member)s, %(name)s, %(what)s, %(user)s, %(before)s, %(after)s, %(state)s, %(why)s, now())
        on conflict (tenant_id, account_id, member) where state in ('open', 'held') do update set name = excluded.name,
          user_id = excluded.user_id, before = excluded.before, after = excluded.after, state = excluded.state, why = excluded.why
        returning c.id
        """,
        params,
    )
