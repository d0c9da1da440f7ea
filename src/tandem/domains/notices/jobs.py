"""The work of notices: what is new is noted, gathered into few messages, and sent until the platform has it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from tandem.domains.directory.service import Card, DirectoryFailure, send
from tandem.domains.notices import telling
from tandem.flow.module import Job
from tandem.kernel.db import Database
from tandem.kernel.rounds import Rounds
from tandem.kernel.settings import settings

ROUND_SECONDS: Final = 5.0
AT_ONCE: Final = 50
TRIES_MAX: Final = 8
LEASE: Final = timedelta(seconds=60)
BUTTON: Final = {"zh": "查看", "en": "Open"}
_ROUNDS: Final = Rounds("notices")


def notice_round(db: Database) -> float:
    """Tell the colleagues of every tenant that has a directory."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from staff_notice_tenants()")]
    _ROUNDS.each(tenants, lambda tenant: tell(db, tenant))
    return ROUND_SECONDS


def tell(db: Database, tenant: UUID) -> int:
    """Note, gather and send; returns how many messages went out."""
    with db.tx("worker", tenant=tenant) as tx:
        people = telling.colleagues(tx)
        if people:
            telling.note(tx, people)
            telling.close_over(tx)
            telling.gather(tx, people)
    return send_due(db, tenant)


class _Push(msgspec.Struct, frozen=True):
    id: UUID
    user_id: UUID
    account_id: UUID
    address: str
    title: str
    lines: list[str]
    notice_id: UUID | None
    attempts: int
    language: str


_TAKE: Final = """
with due as materialized (
  select id from staff_push where tenant_id = %(tenant)s and state = 'planned' and due_at <= now() order by due_at limit %(limit)s for update skip locked)
update staff_push as p set due_at = now() + %(lease)s, attempts = p.attempts + 1 from due as d, staff_user as u, tenant as t
where p.tenant_id = %(tenant)s and p.id = d.id and u.tenant_id = %(tenant)s and u.id = p.user_id and u.active and t.id = %(tenant)s
returning p.id, p.user_id, p.account_id, p.address, p.title, p.lines, p.notice_id, p.attempts, coalesce(u.language, t.language) as language
"""
#: To whom nobody speaks any more: she left between the message's making and its sending.
_DROP: Final = """
update staff_push as p set state = 'failed', problem = 'left' from staff_user as u
where p.tenant_id = %(tenant)s and p.state = 'planned' and u.tenant_id = %(tenant)s and u.id = p.user_id and not u.active
"""


def send_due(db: Database, tenant: UUID) -> int:
    """Send what is due; returns how many were sent. What was not answered is sent again: the platform knows the repeat by its key."""
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(_DROP, {"tenant": tenant})
        taken = tx.all(_Push, _TAKE, {"tenant": tenant, "limit": AT_ONCE, "lease": LEASE})
    sent = 0
    for one in taken:
        try:
            send(db, tenant, one.account_id, one.address, card_of(one))
        except DirectoryFailure as failure:
            _put_off(db, tenant, one, failure)
        else:
            sent += 1
            with db.tx("worker", tenant=tenant) as tx:
                tx.execute(
                    "update staff_push set state = 'sent', sent_at = now(), problem = null where tenant_id = %(tenant)s and id = %(id)s",
                    {"tenant": tenant, "id": one.id},
                )
    return sent


def card_of(one: _Push) -> Card:
    """The card of a message. It leads to a page that asks for a sign-in; the address decides nothing by itself."""
    home = (settings().public_url or "").rstrip("/")
    page = f"/phone/{one.account_id}/{one.notice_id or 'list'}?push={one.id}"
    return Card(str(one.id), one.title, one.lines, BUTTON.get(one.language, BUTTON["zh"]), f"{home}{page}")


def _put_off(db: Database, tenant: UUID, one: _Push, failure: DirectoryFailure) -> None:
    """Try again later; give up on somebody who is not there, on a plain no, and after so many tries."""
    over = failure.why in {"gone", "refused"} or one.attempts >= TRIES_MAX
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update staff_push set state = case when %(over)s then 'failed' else 'planned' end, due_at = now() + %(pause)s, problem = %(told)s
            where tenant_id = %(tenant)s and id = %(id)s
            """,
            {
                "tenant": tenant, "id": one.id, "over": over, "pause": failure.pause(one.attempts),
                "told": f"{failure.why} {failure.code}"[:100],
            },
        )  # fmt: skip


JOBS: Final = (Job("notices.tell", notice_round, interval_seconds=ROUND_SECONDS, during_clock=False),)
