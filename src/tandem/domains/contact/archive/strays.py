"""What people said whom nobody here knows yet: kept sealed for three days, tried again as long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from tandem.domains.contact.archive.ports import Said
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.stream.keys import day_key, tenant_keys

KEPT: Final = timedelta(days=3)
AGAIN: Final = timedelta(minutes=2)
AT_ONCE: Final = 200


def put(tx: Tx, account: UUID, said: Sequence[Said]) -> None:
    """Keep some for later, in the caller's transaction."""
    if not said:
        return
    keys = tenant_keys(tx)
    day = tx.machine_now.date()
    key = day_key(tx, keys, day)
    tx.execute(
        """
        insert into archive_stray (tenant_id, account_id, seq, day, said_enc, arrived_at, next_at)
        select %(tenant)s, %(account)s, n.seq, %(day)s, n.said, now(), now() + %(again)s
        from unnest(%(seqs)s::bigint[], %(sealed)s::bytea[]) as n(seq, said) on conflict do nothing
        """,
        {
            "tenant": tx.tenant_id, "account": account, "day": day, "again": AGAIN, "seqs": [one.seq for one in said],
            "sealed": [TenantKeys.seal_bytes(key, msgspec.json.encode(one)) for one in said],
        },
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    day: date
    said_enc: bytes


def forget(tx: Tx, account: UUID, kept: timedelta = KEPT) -> None:
    """Throw away what is too old: nobody here ever knew whether she agreed to be kept."""
    tx.execute(
        "delete from archive_stray where tenant_id = %(tenant)s and account_id = %(account)s and arrived_at <= now() - %(kept)s",
        {"tenant": tx.tenant_id, "account": account, "kept": kept},
    )


def due(tx: Tx, account: UUID) -> list[Said]:
    """Those to be tried again, oldest first."""
    params: dict[str, Any] = {
        "tenant": tx.tenant_id, "account": account, "again": AGAIN, "limit": AT_ONCE,
    }  # fmt: skip
    rows = tx.all(
        _Row,
        """
        with due as materialized (
          select seq from archive_stray where tenant_id = %(tenant)s and account_id = %(account)s and next_at <= now() order by seq limit %(limit)s)
        update archive_stray as s set next_at = now() + %(again)s from due as d
        where s.tenant_id = %(tenant)s and s.account_id = %(account)s and s.seq = d.seq returning s.seq, s.day, s.said_enc
        """,
        params,
    )
    keys = tenant_keys(tx)
    return [
        msgspec.json.decode(TenantKeys.open_bytes(day_key(tx, keys, one.day), bytes(one.said_enc)), type=Said)
        for one in sorted(rows, key=lambda one: one.seq)
    ]


def drop(tx: Tx, account: UUID, seqs: Sequence[int]) -> None:
    """These have found their customers."""
    tx.execute(
        "delete from archive_stray where tenant_id = %(tenant)s and account_id = %(account)s and seq = any(%(seqs)s::bigint[])",
        {"tenant": tx.tenant_id, "account": account, "seqs": list(seqs)},
    )
