"""The last calls to a platform, as an operator may read them: secrets masked before anything is written, sealed under the day's key."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote_plus
from uuid import UUID

from tandem.connectors.kit.masking import mask
from tandem.connectors.kit.wire import Answer, Request
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import new_id
from tandem.stream.keys import day_key, tenant_keys

TEXT_MAX: Final = 20_000
KEPT_PER_ACCOUNT: Final = 200
SWEPT_EVERY: Final = 50


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call and what became of it."""

    operation: str
    request: Request
    answer: Answer | None
    failure: str | None
    took_ms: int


@dataclass(frozen=True, slots=True)
class Captured:
    """An exchange as it is shown."""

    id: UUID
    at: datetime
    operation: str
    status: int | None
    failure: str | None
    took_ms: int
    text: str


class Recorder:
    """Keeps the exchanges of one account. Failures of keeping are not the call's: what cannot be kept is left out."""

    def __init__(self, db: Database, tenant: UUID, account: UUID) -> None:
        self._db, self._tenant, self._account = db, tenant, account
        self._kept = 0

    def keep(self, exchange: Exchange, secrets: Iterable[str]) -> None:
        """Write an exchange."""
        text = rendered(exchange, secrets)
        with self._db.tx("worker", tenant=self._tenant) as tx:
            key = day_key(tx, tenant_keys(tx), tx.machine_now.date())
            tx.execute(
                """
                insert into connector_traffic (tenant_id, id, account_id, at, operation, status, failure, took_ms, text_enc)
                values (%(tenant)s, %(id)s, %(account)s, now(), %(operation)s, %(status)s, %(failure)s, %(took)s, %(text)s)
                """,
                {
                    "tenant": self._tenant,
                    "id": new_id(),
                    "account": self._account,
                    "operation": exchange.operation[:100],
                    "status": None if exchange.answer is None else exchange.answer.status,
                    "failure": exchange.failure,
                    "took": exchange.took_ms,
                    "text": TenantKeys.seal(key, text),
                },
            )
            self._kept += 1
            if self._kept % SWEPT_EVERY == 0:
                _sweep(tx, self._account)


def _sweep(tx: Tx, account: UUID) -> None:
    tx.execute(
        """
        delete from connector_traffic where tenant_id = %(tenant)s and account_id = %(account)s and at < (
          select at from connector_traffic where tenant_id = %(tenant)s and account_id = %(account)s
          order by at desc offset %(kept)s limit 1)
        """,
        {"tenant": tx.tenant_id, "account": account, "kept": KEPT_PER_ACCOUNT},
    )


def rendered(exchange: Exchange, secrets: Iterable[str]) -> str:
    """An exchange as text, masked."""
    known = list(secrets)
    known += [quote_plus(one) for one in known]
    request, answer = exchange.request, exchange.answer
    lines = [f"{request.method} {request.address}", *(f"{name}: {value}" for name, value in request.headers.items())]
    lines += ["", _body_of(request), ""]
    if answer is None:
        lines.append(f"-> {exchange.failure}")
    else:
        shown = ("content-type", "retry-after", "link", "x-shopify-shop-api-call-limit", "x-amzn-ratelimit-limit")
        lines += [
            f"HTTP {answer.status}",
            *(f"{name}: {answer.headers[name]}" for name in shown if name in answer.headers),
        ]
        lines += ["", answer.body.decode(errors="replace")]
    # Masked before it is cut: half a secret at the end would slip through.
    return mask("\n".join(lines), known)[:TEXT_MAX]


def _body_of(request: Request) -> str:
    """A body as text; of a file only how long it is."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        return f"({len(request.body)} bytes)"
    return request.body.decode(errors="replace")


def latest(tx: Tx, account: UUID, *, failed: bool = False, limit: int = 20) -> list[Captured]:
    """The last exchanges, newest first."""
    rows = tx.cursor(
        """
        select t.id, t.at, t.operation, t.status, t.failure, t.took_ms, t.text_enc, k.key_enc
        from connector_traffic t join intake_day_key k on k.tenant_id = %(tenant)s and k.day = (t.at at time zone 'UTC')::date
        where t.tenant_id = %(tenant)s and t.account_id = %(account)s and (not %(failed)s or t.failure is not null)
        order by t.at desc, t.id desc limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "account": account, "failed": failed, "limit": limit},
    ).fetchall()
    keys = tenant_keys(tx)
    return [
        Captured(
            id=row[0],
            at=row[1],
            operation=row[2],
            status=row[3],
            failure=row[4],
            took_ms=row[5],
            text=TenantKeys.open(keys.unwrap(bytes(row[7])), bytes(row[6])),
        )
        for row in rows
    ]


def milliseconds_since(started: float) -> int:
    """Whole milliseconds since a reading of `time.monotonic`."""
    return round((time.monotonic() - started) * 1000)
