"""The job that carries approved requests out, and the packages it leaves for a week."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import NotFound, TandemError
from tandem.kernel.jobs import JobRun, runner
from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.rounds import Rounds
from tandem.kernel.settings import settings
from tandem.stream.keys import tenant_keys
from tandem.stream.rights import export, late, requests
from tandem.stream.rights.erase import Counts, erase
from tandem.stream.rights.person import person

KEEP: Final = timedelta(days=7)
SECONDS_BETWEEN: Final = 3600.0
_ROUNDS: Final = Rounds("rights.files")


def handle(run: JobRun) -> Mapping[str, Any] | None:
    """Carry one request out. A repeated run after a crash finds what is done and ends."""
    request_id = UUID(run.payload["request_id"])
    try:
        _carry_out(run, request_id)
    except TandemError as error:
        with run.tx() as tx:
            requests.fail(tx, request_id, f"{error.zh} {error.en}")
        raise
    return None


def _carry_out(run: JobRun, request_id: UUID) -> None:
    if "erased" in run.checkpoint:
        with run.tx() as tx:
            gone = late.Erased.read(tx, run.checkpoint)
    else:
        begun = _begin(run, request_id)
        if begun is None:
            return
        gone = begun
    until = late.wait_for_doors(run)
    _sweep(run, request_id, gone, until)


def _begin(run: JobRun, request_id: UUID) -> late.Erased | None:
    """The first transaction: a copy, or everything that can be seen of her. None where nothing is left to do."""
    with run.tx() as tx:
        row = requests.get_request(tx, request_id)
        if row.status != "approved":
            return None
        if row.kind == "export":
            _export(tx, row)
            return None
        who, counts = erase(tx, row.customer_id)
        requests.finish(tx, request_id, _receipt(tx, row, counts, keys=len(who.keys), identifiers=len(who.names)))
        gone = late.Erased.of(tx, who)
        # Whoever takes the job over after a crash could not find out any more whom the sweep below is for.
        run.report(tx, 1, total=2, checkpoint=gone.kept(tx))
        return gone


def _sweep(run: JobRun, request_id: UUID, gone: late.Erased, until: datetime) -> None:
    """What doors took in for her while the first transaction ran could not be seen by it."""
    with run.tx() as tx:
        found = late.sweep_late(tx, gone, until)
        # The last that was known of her goes too.
        run.report(tx, 2, total=2, checkpoint={"swept": True})
        receipt = requests.get_request(tx, request_id).receipt
        if not found or receipt is None:
            return
        counts = Counts({table: dict(of) for table, of in receipt["rows"].items()})
        for table, of in found.items():
            for what, rows in of.items():
                counts.add(table, what, rows)
        requests.finish(tx, request_id, {**receipt, "rows": _in_order(counts)})


def _export(tx: Tx, row: requests.RequestRow) -> None:
    who = person(tx, row.customer_id)
    found = export.gather(tx, who)
    name: str = tx.value("select name from tenant where id = %(tenant)s", {"tenant": tx.tenant_id})
    data = export.package(found, tenant=name, at=tx.now)
    keys = tenant_keys(tx)
    key, wrapped = keys.new_data_key()
    tx.execute(
        """
        insert into rights_file (tenant_id, request_id, key_enc, data_enc, expires_at)
        values (%(tenant)s, %(id)s, %(key)s, %(data)s, now() + %(keep)s)
        on conflict (tenant_id, request_id) do update set key_enc = excluded.key_enc, data_enc = excluded.data_enc, expires_at = excluded.expires_at
        """,
        {
            "tenant": tx.tenant_id,
            "id": row.id,
            "key": wrapped,
            "data": keys.seal(key, base64.b64encode(data).decode()),
            "keep": KEEP,
        },
    )
    told = {
        "request": str(row.id),
        "kind": "export",
        "at": tx.now.isoformat(),
        "rows": {name: len(rows) for name, rows in found.items()},
    }
    requests.finish(tx, row.id, told)


def read_file(tx: Tx, request_id: UUID) -> bytes:
    """The package of an export. Raises NotFound when there is none or it has expired."""
    found = tx.maybe(
        _File,
        "select key_enc, data_enc from rights_file where tenant_id = %(tenant)s and request_id = %(id)s and expires_at > now()",
        {"tenant": tx.tenant_id, "id": request_id},
    )
    if found is None:
        raise NotFound("no_file", "没有文件，或已过期。", "There is no file, or it has expired.")
    keys = tenant_keys(tx)
    return base64.b64decode(keys.open(keys.unwrap(bytes(found.key_enc)), bytes(found.data_enc)))


def _receipt(tx: Tx, row: requests.RequestRow, counts: Counts, *, keys: int, identifiers: int) -> dict[str, Any]:
    return {
        "request": str(row.id),
        "kind": "erase",
        "tenant": str(tx.tenant_id),
        "customer": str(row.customer_id),
        "asked_at": row.asked_at.isoformat(),
        "done_at": tx.now.isoformat(),
        "keys_destroyed": keys,
        "identifiers_suppressed": identifiers,
        "rows": _in_order(counts),
        "backups_expire_after_days": settings().backup_retention_days,
    }


def _in_order(counts: Counts) -> dict[str, dict[str, int]]:
    return {name: dict(sorted(of.items())) for name, of in sorted(counts.items())}


@dataclass(frozen=True, slots=True)
class _File:
    key_enc: bytes
    data_enc: bytes


def job() -> Callable[[Database], float]:
    """The worker's job: the next approved request."""
    return runner({requests.JOB_KIND: handle})


register_sql("""
create or replace function rights_expired_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct f.tenant_id from rights_file f where f.expires_at < now()
$$
""")
register_sql("revoke all on function rights_expired_tenants() from public")
register_sql(f"grant execute on function rights_expired_tenants() to {WORKER}")


def drop_expired(db: Database) -> float:
    """A worker's job: packages whose week is over go. Returns the seconds until it should be called again."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from rights_expired_tenants()")]

    def drop(tenant: UUID) -> int:
        with db.tx("worker", tenant=tenant) as tx:
            return tx.execute(
                "delete from rights_file where tenant_id = %(tenant)s and expires_at < now()", {"tenant": tenant}
            )

    _ROUNDS.each(tenants, drop)
    return SECONDS_BETWEEN
