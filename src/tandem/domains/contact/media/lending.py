"""Handing files to a platform for as long as it keeps them: once for everybody, again before its time is over (decision 171).

One process hands a file over, by a claim on its row; the others look until it has. A file that goes into a message is renewed when less
than half a day is left of it, so that a message made now is good when staff send it hours later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from tandem.domains.contact.gateway import GatewayFailure, Line, connectors
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.media import service
from tandem.domains.contact.media.attachments import Use, carried, resolved
from tandem.domains.contact.reaching import FileGiven
from tandem.flow.module import Job
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import new_id
from tandem.kernel.rounds import Rounds
from tandem.stream.rows import to_json

log = structlog.get_logger("tandem.contact")

EARLY: Final = timedelta(hours=12)
CLAIM: Final = timedelta(seconds=90)
LOOK_SECONDS: Final = 0.1
LOOKS_MAX: Final = 600
LOOKS_GREETING: Final = 20
"""A welcome has twenty seconds in all: it waits two for another process's file."""
ROUND_SECONDS: Final = 5.0
_ROUNDS: Final = Rounds("contact.media")


@dataclass(frozen=True, slots=True)
class _Lent:
    ref: str | None
    ends_at: datetime | None
    good: bool


_READ: Final = """
select ref, ends_at, ref is not null and (ends_at is null or ends_at > now() + %(early)s) as good from media_lent
where tenant_id = %(tenant)s and media_id = %(media)s and account_id = %(account)s and use = %(use)s
"""
_CLAIM: Final = """
insert into media_lent as l (tenant_id, media_id, account_id, use, holder, leased_until)
values (%(tenant)s, %(media)s, %(account)s, %(use)s, %(holder)s, now() + %(claim)s)
on conflict (tenant_id, media_id, account_id, use) do update set holder = excluded.holder, leased_until = excluded.leased_until
where (l.leased_until is null or l.leased_until <= now()) and (l.ref is null or l.ends_at <= now() + %(early)s)
"""
_KEEP: Final = """
update media_lent set ref = %(ref)s, ends_at = %(ends)s, holder = null, leased_until = null, failures = 0, problem = null, due_at = null
where tenant_id = %(tenant)s and media_id = %(media)s and account_id = %(account)s and use = %(use)s and holder = %(holder)s
"""
_LET_GO: Final = """
update media_lent set holder = null, leased_until = null, failures = failures + 1, problem = %(problem)s::jsonb, due_at = now() + %(pause)s
where tenant_id = %(tenant)s and media_id = %(media)s and account_id = %(account)s and use = %(use)s and holder = %(holder)s
"""


def ready(
    db: Database, tenant: UUID, account: UUID, line: Line, attachments: Sequence[Mapping[str, Any]], *, post: bool = False,
    looks: int = LOOKS_MAX,
) -> list[dict[str, Any]]:  # fmt: skip
    """Attachments as the platform takes them now. Raises GatewayFailure where a file of theirs cannot be handed over."""
    refs = {
        (one.media_id, one.use): lent(db, tenant, account, line, one.media_id, one.use, looks=looks)
        for one in carried(attachments, post=post)
    }
    return resolved(attachments, lambda media, use: refs[media, use], post=post)


def known(tx: Tx, account: UUID, attachments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]] | None:
    """The same without asking anybody; None where a file is not with the platform (any more)."""
    refs: dict[tuple[UUID, Use], str] = {}
    for one in carried(attachments):
        row = tx.maybe(_Lent, _READ, _params(tx, account, one.media_id, one.use) | {"early": timedelta(minutes=1)})
        if row is None or not row.good or row.ref is None:
            return None
        refs[one.media_id, one.use] = row.ref
    return resolved(attachments, lambda media, use: refs[media, use])


def lent(
    db: Database, tenant: UUID, account: UUID, line: Line, media: UUID, use: Use, pause: Callable[[float], None] = time.sleep,
    looks: int = LOOKS_MAX,
) -> str:  # fmt: skip
    """What the platform calls a file, handed over now where it has to be. Raises GatewayFailure."""
    holder = new_id()
    for _ in range(looks):
        with db.tx("worker", tenant=tenant) as tx:
            params = _params(tx, account, media, use)
            row = tx.maybe(_Lent, _READ, params)
            if row is not None and row.good and row.ref is not None:
                return row.ref
            mine = bool(tx.execute(_CLAIM, params | {"holder": holder, "claim": CLAIM}))
        if mine:
            return _hand_over(db, tenant, account, line, media, use, holder)
        pause(LOOK_SECONDS)
    raise GatewayFailure("later", "another process is handing the file over and does not finish")


def _hand_over(db: Database, tenant: UUID, account: UUID, line: Line, media: UUID, use: Use, holder: UUID) -> str:
    with db.tx("worker", tenant=tenant) as tx:
        row = tx.maybe(
            service.MediaRow,
            "select id, name, kind, type, size, width, height, created_at from media_file where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": tenant, "id": media},
        )
        content = service.content(tx, media)
        if row is None:
            tx.execute(
                "delete from media_lent where tenant_id = %(tenant)s and media_id = %(id)s",
                {"tenant": tenant, "id": media},
            )
    if row is None:
        raise GatewayFailure("gone", "没有这个文件 / there is no such file")
    try:
        there = line.give_file(FileGiven(row.name, row.kind, row.type, content), use)
    except GatewayFailure as failure:
        with db.tx("worker", tenant=tenant) as tx:
            again = {"holder": holder, "problem": to_json(failure.problem()), "pause": failure.pause(0)}
            tx.execute(_LET_GO, _params(tx, account, media, use) | again)
        raise
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            _KEEP, _params(tx, account, media, use) | {"holder": holder, "ref": there.ref, "ends": there.ends_at}
        )
    return there.ref


def _params(tx: Tx, account: UUID, media: UUID, use: Use) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "account": account, "media": media, "use": use, "early": EARLY}


# ------------------------------------------------------------------------------------------------------- before their time

_WELCOMES: Final = """
select a.id, w.attachments from welcome_message as w
join source_account as a on a.tenant_id = %(tenant)s and a.connector = any(%(connectors)s::text[]) and a.status = 'active'
where w.tenant_id = %(tenant)s and w.active and w.attachments <> '[]'::jsonb
"""
_WANTS: Final = """
select not exists (select from media_lent where tenant_id = %(tenant)s and media_id = %(media)s and account_id = %(account)s and use = %(use)s
  and ((ref is not null and (ends_at is null or ends_at > now() + %(early)s)) or due_at > now()))
"""


def fetch_ahead(db: Database, tenant: UUID) -> int:
    """Let the platforms have what welcomes carry: these have 20 seconds in all. Returns how many files were handed over."""
    with db.tx("worker", tenant=tenant) as tx:
        found = tx.cursor(_WELCOMES, {"tenant": tenant, "connectors": connectors()}).fetchall()
        asked: set[tuple[UUID, UUID, Use]] = {
            (row[0], one.media_id, one.use) for row in found for one in carried(row[1])
        }
        wanted = [one for one in sorted(asked) if tx.value(_WANTS, _params(tx, *one))]
    done = 0
    for account, media, use in wanted:
        try:
            with line_of(db, tenant, account) as line:
                lent(db, tenant, account, line, media, use)
                done += 1
        except GatewayFailure as failure:
            log.warning(
                "media_not_lent", tenant=str(tenant), media=str(media), why=failure.why, platform_code=failure.code
            )
    return done


def media_round(db: Database) -> float:
    """Look after the files of every tenant whose welcomes carry some."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from media_wanted_tenants()")]
    _ROUNDS.each(tenants, lambda tenant: fetch_ahead(db, tenant))
    return ROUND_SECONDS


JOB: Final = Job("contact.media", media_round, interval_seconds=ROUND_SECONDS, during_clock=False)
