"""Idempotency keys: a writing request that carries one is carried out once, however often it is sent.

Three steps: *claim* the key, let the request run, *keep* its answer. The change itself marks the claim in its own transaction
(`mark`, called by `Access.tx`), so that a process that dies between the commit and the answer leaves a key that says "done, the answer is
lost" and never one that lets the change happen twice.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.access.identity import Identity
from tandem.kernel.crypto import MasterKey, TenantKeys
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Conflict, InvalidInput
from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.rounds import Rounds
from tandem.kernel.settings import settings

HEADER: Final = "Idempotency-Key"
REPLAYED_HEADER: Final = "Idempotent-Replayed"
KEEP: Final = timedelta(hours=24)
LOCK: Final = timedelta(minutes=2)
"""How long a request may take before its key is somebody else's to claim."""
KEY_LENGTH_MAX: Final = 255
SECONDS_BETWEEN: Final = 600.0
_ROUNDS: Final = Rounds("access.idempotency")


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that holds its key."""

    tenant_id: UUID
    caller_id: UUID
    key: str
    request_hash: bytes
    since: datetime
    """When it was claimed: who takes the key over after `LOCK` holds another claim."""

    def params(self, **more: object) -> dict[str, Any]:
        """What the statements of this room bind."""
        return {"tenant": self.tenant_id, "caller": self.caller_id, "key": self.key, "since": self.since, **more}


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer that a key was given."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Row:
    request_hash: bytes
    rights_hash: bytes
    state: str
    is_locked: bool
    status: int | None
    headers: dict[str, str] | None
    key_enc: bytes | None
    body_enc: bytes | None


_CLAIM: Final = """
insert into idempotency_key as k (tenant_id, caller_id, key, request_hash, rights_hash, state, locked_until, created_at)
values (%(tenant)s, %(caller)s, %(key)s, %(hash)s, %(rights)s, 'running', clock_timestamp() + %(lock)s, clock_timestamp())
on conflict (tenant_id, caller_id, key) do update
set request_hash = excluded.request_hash, rights_hash = excluded.rights_hash, state = 'running', locked_until = excluded.locked_until, created_at = excluded.created_at,
    status = null, headers = null, key_enc = null, body_enc = null
where k.created_at < clock_timestamp() - %(keep)s
   or (k.state = 'running' and k.locked_until < clock_timestamp() and k.request_hash = excluded.request_hash)
returning created_at
"""
_WHERE: Final = "tenant_id = %(tenant)s and caller_id = %(caller)s and key = %(key)s"
_HELD: Final = f"{_WHERE} and created_at = %(since)s"
# A transaction that only read has changed nothing that must not happen twice.
_MARK: Final = f"""
update idempotency_key set state = case when pg_current_xact_id_if_assigned() is null then state else 'committed' end
where {_HELD} and state in ('running', 'committed')
"""


def check_key(key: str) -> str:
    """Raises InvalidInput for a key that is empty, too long or not printable ASCII."""
    if 1 <= len(key) <= KEY_LENGTH_MAX and key.isascii() and key.isprintable():
        return key
    raise InvalidInput(
        "bad_idempotency_key",
        f"{HEADER} 应为 1 到 {KEY_LENGTH_MAX} 个可见 ASCII 字符。",
        f"{HEADER} must be 1 to {KEY_LENGTH_MAX} printable ASCII characters.",
    )


def claim(db: Database, identity: Identity, key: str, request_hash: bytes) -> Claim | Kept:
    """Claim a key for a request, or give the answer that it has.

    Raises Conflict while the first one is running, when its answer was lost, or when the caller's rights are others by now; InvalidInput
    for another request under the same key.
    """
    caller = identity.api_key_id or identity.user_id
    known: dict[str, Any] = {"tenant": identity.tenant_id, "caller": caller, "key": key}
    rights = rights_of(identity)
    with db.tx("web", tenant=identity.tenant_id, user=identity.user_id) as tx:
        claimed = tx.values(_CLAIM, {**known, "hash": request_hash, "rights": rights, "lock": LOCK, "keep": KEEP})
        if claimed:
            return Claim(identity.tenant_id, caller, key, request_hash, claimed[0])
        row = tx.one(
            _Row,
            f"""
            select request_hash, rights_hash, state, locked_until > clock_timestamp() as is_locked, status, headers, key_enc, body_enc
            from idempotency_key where {_WHERE}
            """,
            known,
        )
        return _known(tx, row, request_hash, rights)


def rights_of(identity: Identity) -> bytes:
    """A digest of everything that somebody may do and how far: two are alike only where nothing was given, taken or narrowed."""
    told = sorted((sorted(one.permissions), one.scope, sorted(map(str, one.store_ids))) for one in identity.grants)
    return hashlib.blake2b(repr(told).encode(), digest_size=16).digest()


def _known(tx: Tx, row: _Row, request_hash: bytes, rights: bytes) -> Kept:
    if bytes(row.request_hash) != request_hash:
        raise InvalidInput(
            "idempotency_key_reused",
            f"这个 {HEADER} 已用于另一个请求，请换一个。",
            f"This {HEADER} was used for another request; take a fresh one.",
        )
    if row.state == "done" and bytes(row.rights_hash) != rights:
        raise Conflict(
            "rights_changed",
            "这个请求已经执行；您的权限此后有变化，当时的回复不再给出。请读取结果，不要重复提交。",
            "This request was carried out; your rights have changed since, so its answer is not given again. Read the result instead.",
        )
    if row.state == "done" and row.status is not None:
        body = b"" if row.body_enc is None or row.key_enc is None else _open(tx, row.key_enc, row.body_enc)
        return Kept(row.status, row.headers or {}, body)
    if row.state == "committed" and not row.is_locked:
        raise Conflict(
            "answer_lost",
            "这个请求已经执行，但当时的回复没有保存下来；请读取结果，不要重复提交。",
            "This request was carried out, but its answer was lost; read the result instead of sending it again.",
        )
    raise _in_progress()


def _in_progress() -> Conflict:
    return Conflict(
        "request_in_progress",
        "相同的请求正在处理，请稍后再试。",
        "The same request is being worked on; try again shortly.",
    )


def mark(tx: Tx, held: Claim) -> None:
    """Say in the change's own transaction that it happened. Raises Conflict, undoing it, when another request holds the key by now."""
    if not tx.execute(_MARK, held.params()):
        raise _in_progress()


def keep(db: Database, held: Claim, answer: Kept) -> None:
    """Keep the answer for whoever asks again, sealed: it may hold personal data."""
    with db.tx("web", tenant=held.tenant_id) as tx:
        keys = _keys(tx)
        key, wrapped = keys.new_data_key()
        tx.execute(
            f"""
            update idempotency_key set state = 'done', status = %(status)s, headers = %(headers)s, key_enc = %(key_enc)s,
                   body_enc = %(body_enc)s where {_HELD}
            """,
            held.params(
                status=answer.status,
                headers=Jsonb(answer.headers),
                key_enc=wrapped,
                body_enc=keys.seal(key, answer.body.decode("latin-1")),
            ),
        )


def release(db: Database, held: Claim) -> None:
    """Give up a key whose request came to nothing. One whose change committed stays: it must not happen twice."""
    with db.tx("web", tenant=held.tenant_id) as tx:
        tx.execute(f"delete from idempotency_key where {_HELD} and state = 'running'", held.params())
        tx.execute(f"update idempotency_key set locked_until = clock_timestamp() where {_HELD}", held.params())


def _open(tx: Tx, wrapped: bytes, sealed: bytes) -> bytes:
    keys = _keys(tx)
    return keys.open(keys.unwrap(bytes(wrapped)), bytes(sealed)).encode("latin-1")


def _keys(tx: Tx) -> TenantKeys:
    wrapped: bytes = tx.value("select key_enc from tenant where id = %(tenant)s", {"tenant": tx.tenant_id})
    return MasterKey(settings().master_key_bytes()).tenant_keys(bytes(wrapped))


register_sql("""
create or replace function access_stale_key_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct k.tenant_id from idempotency_key k where k.created_at < now() - interval '24 hours'
$$
""")
register_sql("revoke all on function access_stale_key_tenants() from public")
register_sql(f"grant execute on function access_stale_key_tenants() to {WORKER}")


def forget_old(db: Database) -> float:
    """A worker's job: keys older than a day go. Returns the seconds until it should be called again."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from access_stale_key_tenants()")]

    def forget(tenant: UUID) -> int:
        with db.tx("worker", tenant=tenant) as tx:
            return tx.execute(
                "delete from idempotency_key where tenant_id = %(tenant)s and created_at < now() - %(keep)s",
                {"tenant": tenant, "keep": KEEP},
            )

    _ROUNDS.each(tenants, forget)
    return SECONDS_BETWEEN
