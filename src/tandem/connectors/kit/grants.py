"""Tokens: kept sealed, refreshed by one process at a time while the others wait for what it gets."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from tandem.connectors.kit.failures import ConnectorFailure, NotAuthorised, Passing
from tandem.connectors.kit.platform import Grant
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import new_id
from tandem.stream.keys import tenant_keys
from tandem.stream.rows import to_json

CLAIM: Final = timedelta(seconds=45)
"""Longer than a refresh may take with its time-outs: whoever dies with the claim gives it up after this."""
EARLY: Final = timedelta(seconds=90)
"""A token is renewed so long before it ends, so that no call of a round meets its end."""
LOOK_SECONDS: Final = 0.05
LOOKS_MAX: Final = 700


class _Row(msgspec.Struct, frozen=True):
    state: str
    key_enc: bytes | None
    access_enc: bytes | None
    refresh_enc: bytes | None
    expires_at: datetime | None
    refresh_expires_at: datetime | None
    facts: dict[str, Any]
    generation: int
    problem: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Held:
    """A grant and the number of its token."""

    grant: Grant = field(repr=False)
    generation: int


_READ: Final = """
select state, key_enc, access_enc, refresh_enc, expires_at, refresh_expires_at, facts, generation, problem
from connector_grant where tenant_id = %(tenant)s and account_id = %(account)s
"""
_CLAIM: Final = """
update connector_grant set refresher = %(me)s, refreshing_until = now() + %(claim)s
where tenant_id = %(tenant)s and account_id = %(account)s and generation = %(generation)s
  and (refreshing_until is null or refreshing_until <= now())
"""
_RELEASE: Final = """
update connector_grant set refresher = null, refreshing_until = null, problem = %(problem)s::jsonb, updated_at = now(),
  state = case when %(refused)s then 'refused' else state end
where tenant_id = %(tenant)s and account_id = %(account)s and refresher = %(me)s
"""
_STORE: Final = """
insert into connector_grant as g (tenant_id, account_id, state, key_enc, access_enc, refresh_enc, expires_at, refresh_expires_at, facts, generation)
values (%(tenant)s, %(account)s, 'authorised', %(key)s, %(access)s, %(refresh)s, %(expires)s, %(refresh_expires)s, %(facts)s::jsonb, 1)
on conflict (tenant_id, account_id) do update set state = 'authorised', key_enc = excluded.key_enc, access_enc = excluded.access_enc,
  refresh_enc = excluded.refresh_enc, expires_at = excluded.expires_at, refresh_expires_at = excluded.refresh_expires_at,
  facts = g.facts || excluded.facts, generation = g.generation + 1, refresher = null, refreshing_until = null, problem = null,
  updated_at = now(), nonce = null
"""


def store(tx: Tx, account: UUID, grant: Grant) -> None:
    """Keep a grant, sealed; the former one is gone."""
    keys = tenant_keys(tx)
    key, wrapped = keys.new_data_key()
    tx.execute(
        _STORE,
        {
            "tenant": tx.tenant_id,
            "account": account,
            "key": wrapped,
            "access": keys.seal(key, grant.access),
            "refresh": keys.seal(key, grant.refresh) if grant.refresh else None,
            "expires": grant.expires_at,
            "refresh_expires": grant.refresh_expires_at,
            "facts": to_json(dict(grant.facts)),
        },
    )


def held(tx: Tx, account: UUID) -> Held | None:
    """The account's grant, opened; None when it was never authorised or is refused. Raises NotAuthorised in the latter case."""
    row = tx.maybe(_Row, _READ, {"tenant": tx.tenant_id, "account": account})
    if row is None or row.access_enc is None or row.key_enc is None:
        return None
    if row.state == "refused":
        raise NotAuthorised(str((row.problem or {}).get("told", "the grant was refused")))
    keys = tenant_keys(tx)
    key = keys.unwrap(bytes(row.key_enc))
    refresh = "" if row.refresh_enc is None else TenantKeys.open(key, bytes(row.refresh_enc))
    opened = Grant(
        TenantKeys.open(key, bytes(row.access_enc)), row.expires_at, refresh, row.refresh_expires_at, row.facts
    )
    return Held(opened, row.generation)


@dataclass(slots=True)
class Tokens:
    """The tokens of one account. `refresh(grant)` asks the platform for the next one; `pause` waits."""

    db: Database
    tenant: UUID
    account: UUID
    refresh: Callable[[Grant | None], Grant]
    pause: Callable[[float], None] = time.sleep

    def current(self, *, not_generation: int | None = None) -> Held:
        """A token that holds for a while yet. `not_generation`: the platform refused that one. Raises ConnectorFailure."""
        for _ in range(LOOKS_MAX):
            with self.db.tx("worker", tenant=self.tenant) as tx:
                found = held(tx, self.account)
            if found is not None and found.generation != not_generation and not _ending(found.grant):
                return found
            renewed = self._renew(found)
            if renewed is not None:
                return renewed
            self.pause(LOOK_SECONDS)
        raise Passing("another process is refreshing the token and does not finish")

    def _renew(self, known: Held | None) -> Held | None:
        """Refresh if nobody else does; None: somebody else does."""
        me = new_id()
        params = {"tenant": self.tenant, "account": self.account, "me": me}
        with self.db.tx("worker", tenant=self.tenant) as tx:
            tx.execute(
                "insert into connector_grant (tenant_id, account_id) values (%(tenant)s, %(account)s) on conflict do nothing",
                params,
            )
            generation = 0 if known is None else known.generation
            if not tx.execute(_CLAIM, {**params, "claim": CLAIM, "generation": generation}):
                return None
        try:
            fresh = self.refresh(None if known is None else known.grant)
        except ConnectorFailure as failure:
            refused = isinstance(failure, NotAuthorised)
            told = to_json({"kind": failure.kind, "told": failure.told, "code": failure.platform_code})
            with self.db.tx("worker", tenant=self.tenant) as tx:
                tx.execute(_RELEASE, {**params, "problem": told, "refused": refused})
            raise
        with self.db.tx("worker", tenant=self.tenant) as tx:
            store(tx, self.account, fresh)
            again = held(tx, self.account)
        assert again is not None  # noqa: S101  just written
        return again


def _ending(grant: Grant) -> bool:
    """Whether a token ends soon, by its own length: a token of two minutes is not always about to end."""
    return grant.expires_at is not None and grant.expires_at - EARLY <= datetime.now(UTC)
