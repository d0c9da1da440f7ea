"""Callbacks about the directory: filed with the call itself, looked into within seconds, and asked about before anything is done."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal, cast
from uuid import UUID

import msgspec

from tandem.catalog.label import Label
from tandem.domains.directory import applying, filing, reading
from tandem.domains.directory.gateway import DirectoryFailure, Person
from tandem.domains.directory.lines import line_of
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import TandemError
from tandem.stream.door.kinds import DoorKind, Envelope, Key, Normalised, Text
from tandem.stream.rows import to_json

AT_ONCE: Final = 50
KIND: Final = "staff_told"


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A platform's word on a member of staff, or (`member` empty) on departments. `id` is the callback's own, however often it comes."""

    id: Key
    source: Text
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    member: Text = ""
    kind: Literal["left", "changed"] = "changed"


def named(*parts: str) -> str:
    """An id for a callback whose sender gives it none."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]


# Ordered, so that two doors that file the same calls never wait for each other crosswise. A call that is known already changes nothing,
# and what is told of an account that is no directory is nobody's business.
_FILE: Final = """
insert into directory_news (tenant_id, id, account_id, member, kind, received_at, due_at)
select %(tenant)s, n.id, a.account_id, n.member, n.kind, now(), now()
from jsonb_to_recordset(%(rows)s::jsonb) as n(id text, source text, member text, kind text)
join source_account as s on s.tenant_id = %(tenant)s and s.source = n.source
join directory_account as a on a.tenant_id = %(tenant)s and a.account_id = s.id
order by n.id
on conflict (tenant_id, id) do nothing
"""


def file_news(tx: Tx, records: Sequence[object]) -> None:
    """File callbacks in the caller's transaction."""
    told = {f"{one.source}:{one.id}": one for one in cast("Sequence[Told]", records)}
    rows = [
        {"id": key[:200], "source": one.source, "member": one.member, "kind": one.kind} for key, one in told.items()
    ]
    if rows:
        tx.execute(_FILE, {"tenant": tx.tenant_id, "rows": to_json(rows)})


def _read(envelope: Envelope, said: Told) -> Normalised:
    # Whose account it is, the door knows better than the record.
    return Normalised(reference=msgspec.structs.replace(said, source=envelope.source))


DOOR_KINDS: Final = (
    DoorKind(KIND, Label("通讯录变动通知", "Directory changed"), Told, _read, file_news, verified_only=True),
)


class _News(msgspec.Struct, frozen=True):
    id: str
    account_id: UUID
    member: str
    kind: str
    attempts: int


_TAKE: Final = """
with due as materialized (
  select id from directory_news where tenant_id = %(tenant)s and done_at is null and due_at <= now()
  order by kind = 'left' desc, due_at limit %(limit)s for update skip locked)
update directory_news as n set due_at = now() + interval '60 s', attempts = n.attempts + 1 from due as d
where n.tenant_id = %(tenant)s and n.id = d.id returning n.id, n.account_id, n.member, n.kind, n.attempts
"""


def look_into(db: Database, tenant: UUID) -> int:
    """Look into the callbacks that wait, leavers first; returns how many. Whoever dies over one leaves it to the next after a minute."""
    with db.tx("worker", tenant=tenant) as tx:
        taken = tx.all(_News, _TAKE, {"tenant": tenant, "limit": AT_ONCE})
    for one in taken:
        try:
            outcome = _settle(db, tenant, one)
        except DirectoryFailure as failure:
            _put_off(db, tenant, one, failure)
        else:
            _over(db, tenant, one.id, outcome)
    return len(taken)


def _settle(db: Database, tenant: UUID, one: _News) -> str:
    """What became of a callback. Raises DirectoryFailure where the platform has to be asked again."""
    if not one.member:
        with db.tx("worker", tenant=tenant) as tx:
            tx.execute(
                "update directory_account set due_at = now() where tenant_id = %(tenant)s and account_id = %(account)s",
                {"tenant": tenant, "account": one.account_id},
            )
        return "reading"
    person = _asked(db, tenant, one)
    with db.tx("worker", tenant=tenant) as tx:
        if person is None:
            reading.mark_left(tx, one.account_id, one.member)
        else:
            reading.keep_members(tx, one.account_id, [person], whole=False)
        ready = filing.file_changes(tx, one.account_id, [one.member])
    carry_out(db, tenant, ready)
    return "gone" if person is None else "there"


def _asked(db: Database, tenant: UUID, one: _News) -> Person | None:
    """The member as the platform has her now, whatever the callback says: a late or repeated one ends nobody who works there.

    Where the platform does not answer, a leaver is believed to have left: somebody shut out in error is let in again, the other way
    round she has been inside for an hour.
    """
    try:
        with line_of(db, tenant, one.account_id) as line:
            return line.member(one.member)
    except DirectoryFailure as failure:
        if failure.why == "gone" or one.kind == "left":
            return None
        raise


def carry_out(db: Database, tenant: UUID, ready: Sequence[UUID]) -> int:
    """Do changes that wait for nobody's word, each in a transaction of its own; returns how many."""
    done = 0
    for change in ready:
        try:
            with db.tx("worker", tenant=tenant) as tx:
                applying.apply(tx, change)
            done += 1
        except TandemError as error:
            with db.tx("worker", tenant=tenant) as tx:
                tx.execute(
                    "update directory_change set why = %(why)s where tenant_id = %(tenant)s and id = %(id)s and state in ('open', 'held')",
                    {"tenant": tenant, "id": change, "why": error.code},
                )
    return done


def _over(db: Database, tenant: UUID, news: str, outcome: str) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            "update directory_news set done_at = now(), outcome = %(outcome)s where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": tenant, "id": news, "outcome": outcome},
        )


def _put_off(db: Database, tenant: UUID, one: _News, failure: DirectoryFailure) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            "update directory_news set due_at = now() + %(pause)s, outcome = %(told)s where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": tenant, "id": one.id, "pause": failure.pause(one.attempts), "told": failure.why},
        )
