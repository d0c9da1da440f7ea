"""A task of the platform as one worker holds it: nobody else works on it, and what it writes counts only while it does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.gateway import GatewayFailure, Line
from tandem.domains.contact.sending.ports import Words
from tandem.kernel.db import Database, Tx
from tandem.stream.rows import to_json

LEASE: Final = timedelta(seconds=180)
SLACK: Final = timedelta(minutes=5)
"""How far the platform's clock may be behind ours."""
SETTLE: Final = timedelta(seconds=30)
"""A task just made may not be listed yet: so long after asking, its absence is believed."""


@dataclass(frozen=True, slots=True)
class Held:
    """A task that this worker holds."""

    id: UUID
    mass_send_id: UUID
    account_id: UUID
    member: str
    state: str
    asked_at: datetime | None
    job_ref: str | None
    ref: str | None
    made_at: datetime | None
    remind_wanted: bool
    cancel_wanted: bool
    failures: int
    kind: str
    body: str
    attachments: list[Any]
    members: list[str]
    tags: list[UUID]
    source: str
    keep_days: int
    machine_now: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker has at hand while it holds a task."""

    db: Database
    tenant: UUID
    holder: UUID
    line: Line
    one: Held

    @property
    def words(self) -> Words:
        """What is said."""
        return Words(self.one.body, self.one.attachments)


def renewed(tx: Tx, work: Work) -> Work | None:
    """The task with a whole lease before us and what is wanted of it by now; None where somebody else holds it."""
    row = tx.cursor(
        """
        update mass_send_task set leased_until = now() + %(lease)s where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s
        returning cancel_wanted, remind_wanted
        """,
        {"tenant": tx.tenant_id, "id": work.one.id, "holder": work.holder, "lease": LEASE},
    ).fetchone()
    return None if row is None else replace(work, one=replace(work.one, cancel_wanted=row[0], remind_wanted=row[1]))


def write(
    tx: Tx, work: Work, *, due: timedelta | None = None, state: str | None = None, ref: str | None = None, job: str | None = None,
    asked: bool = False, keep: bool = False, read: bool = False, confirmed: bool = False, problem: GatewayFailure | None = None,
) -> bool:  # fmt: skip
    """Write down where a task stands, while we hold it; `keep`: we go on holding it. Whether we did: else nothing is to be asked for."""
    return bool(
        tx.execute(
            """
            update mass_send_task set state = coalesce(%(state)s, state), ref = coalesce(%(ref)s, ref), job_ref = coalesce(%(job)s, job_ref),
              asked_at = case when %(asked)s then now() else asked_at end,
              made_at = case when %(ref)s::text is null then made_at else coalesce(made_at, now()) end,
              read_at = case when %(read)s then now() else read_at end, confirmed = confirmed or %(confirmed)s,
              due_at = case when %(keep)s then due_at when %(due)s::interval is null then null else now() + %(due)s::interval end,
              holder = case when %(keep)s then holder end, leased_until = case when %(keep)s then now() + %(lease)s else null end,
              failures = 0, problem = %(problem)s::jsonb
            where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s
              and not (%(asked)s and cancel_wanted)
            """,
            {
                "tenant": tx.tenant_id, "id": work.one.id, "holder": work.holder, "state": state, "ref": ref, "job": job, "asked": asked, "keep": keep,
                "due": due, "read": read, "confirmed": confirmed, "lease": LEASE, "problem": None if problem is None else to_json(problem.problem()),
            },
        )
    )  # fmt: skip
