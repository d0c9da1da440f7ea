"""Tickets for signatures: kept sealed for two hours, fetched by one process at a time; the platform counts how often it is asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.lines import line_of
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Unavailable
from tandem.stream.keys import tenant_keys

Kind = Literal["corp", "agent"]
CLAIM: Final = timedelta(seconds=15)
EARLY: Final = timedelta(seconds=120)
"""A ticket is renewed so long before its end: a page signed with it must still be able to use it."""
LOOK_SECONDS: Final = 0.05
LOOKS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class _Row:
    key_enc: bytes | None
    ticket_enc: bytes | None
    expires_at: datetime | None


def ticket(
    db: Database, tenant: UUID, account: UUID, kind: Kind, *, pause: Callable[[float], None] = time.sleep
) -> str:
    """A ticket that holds for a while yet. Raises Unavailable when the platform gives none."""
    for _ in range(LOOKS_MAX):
        with db.tx("worker", tenant=tenant) as tx:
            known = _kept(tx, account, kind)
            mine = known is None and _claimed(tx, account, kind)
        if known is not None:
            return known
        if mine:
            return _fetch(db, tenant, account, kind)
        pause(LOOK_SECONDS)
    raise _none("nobody answered in time")


def _kept(tx: Tx, account: UUID, kind: Kind) -> str | None:
    row = tx.maybe(
        _Row,
        """
        select key_enc, ticket_enc, expires_at from js_ticket
        where tenant_id = %(tenant)s and account_id = %(account)s and kind = %(kind)s and expires_at > %(now)s
        """,
        {"tenant": tx.tenant_id, "account": account, "kind": kind, "now": tx.machine_now + EARLY},
    )
    if row is None or row.key_enc is None or row.ticket_enc is None:
        return None
    return TenantKeys.open(tenant_keys(tx).unwrap(bytes(row.key_enc)), bytes(row.ticket_enc))


def _claimed(tx: Tx, account: UUID, kind: Kind) -> bool:
    """A claim and not a lock: no connection is held across a call to the outside (decision 82)."""
    return bool(
        tx.execute(
            """
            insert into js_ticket as t (tenant_id, account_id, kind, claimed_until)
            values (%(tenant)s, %(account)s, %(kind)s, %(now)s::timestamptz + %(claim)s)
            on conflict (tenant_id, account_id, kind) do update set claimed_until = excluded.claimed_until
            where (t.claimed_until is null or t.claimed_until <= %(now)s) and (t.expires_at is null or t.expires_at <= %(fresh)s)
            """,
            {
                "tenant": tx.tenant_id,
                "account": account,
                "kind": kind,
                "now": tx.machine_now,
                "claim": CLAIM,
                "fresh": tx.machine_now + EARLY,
            },
        )
    )


def _fetch(db: Database, tenant: UUID, account: UUID, kind: Kind) -> str:
    try:
        with line_of(db, tenant, account) as line:
            found, seconds = line.ticket(kind)
    except GatewayFailure as failure:
        with db.tx("worker", tenant=tenant) as tx:
            tx.execute(
                "update js_ticket set claimed_until = null where tenant_id = %(tenant)s and account_id = %(account)s and kind = %(kind)s",
                {"tenant": tenant, "account": account, "kind": kind},
            )
        raise _none(failure.told) from failure
    with db.tx("worker", tenant=tenant) as tx:
        keys = tenant_keys(tx)
        key, wrapped = keys.new_data_key()
        tx.execute(
            """
            update js_ticket set key_enc = %(key)s, ticket_enc = %(ticket)s, expires_at = %(until)s, claimed_until = null
            where tenant_id = %(tenant)s and account_id = %(account)s and kind = %(kind)s
            """,
            {
                "tenant": tenant, "account": account, "kind": kind, "key": wrapped, "ticket": keys.seal(key, found),
                "until": tx.machine_now + timedelta(seconds=seconds),
            },
        )  # fmt: skip
    return found


def _none(told: str) -> Unavailable:
    return Unavailable("no_ticket", f"企业微信没有给出签名凭证：{told}", f"WeCom gave no ticket to sign with: {told}")
