"""The webhook door: verify, make durable, answer; what the delivery means is found out later (ENGINE_RULES 2).

Platforms drop a receiver that is slow, and send again what was not answered. So nothing stands between a verified call and its answer but
one write: to PostgreSQL, shared by the calls of the same moment, or to the buffer before it where one is configured.

The door works in the event loop: a call costs no thread, only what waits for the database or takes long is done aside. An account is
opened once and remembered, so the write asks again whether it still is what the call was verified by (`_still_standing`): who was
switched off or given another secret is refused by the very commit that would have kept the delivery.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol, TypeVar
from uuid import UUID

import psycopg

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import NotFound, TandemError, Throttled, Unavailable
from tandem.stream.door.pending import take_in
from tandem.stream.door.pressure import PRESSURE
from tandem.stream.door.wire import Parsed, TooLarge
from tandem.stream.flushes import Flushes, Outcome, Told
from tandem.stream.keys import opened_keys
from tandem.stream.sources import raw, tally
from tandem.stream.sources.accounts import Accounts
from tandem.stream.sources.connector import (
    Account,
    Challenged,
    Connector,
    Delivery,
    Hasty,
    Keyed,
    NotVerified,
    Reply,
    body_digest,
    connector_of,
    not_verified,
)
from tandem.stream.sources.limits import Limit

T = TypeVar("T")

BODY_BYTES_MAX: Final = 950_000
"""Of one delivery; with its envelope it stays under the door's limit of one record."""
PER_MINUTE: Final = 6_000
BURST: Final = 1_000
"""What one account may send each web process."""
CHALLENGES_PER_MINUTE: Final = 60
INLINE_BYTES_MAX: Final = 64 * 1024
"""A longer body is verified aside: the loop serves screens too."""
FRESH_SECONDS: Final = 60.0
"""For so long an account need not be looked at again: each write asks whether it still stands."""
BUFFERED_FRESH_SECONDS: Final = 1.0
"""Before a buffer nobody asks, so it is looked at more often."""
STALE_FRESH_TIMES: Final = 2
"""For how many times its freshness an account may be gone by while it is looked at again."""
DOUBT_SECONDS: Final = 1.0
"""An account that is switched off, or whose call does not verify, is looked at again if that is so long ago: it may have been changed."""
ASIDE_THREADS: Final = 4
LOOKING_MAX: Final = 1_000
"""Ids never seen before are looked up while fewer than so many are; anybody can invent them, and after a start every account is one."""
KEYS_FETCHED_MAX: Final = 16
"""Keys of platforms that are waited for at once: anybody can name one that there is not."""
TRIES: Final = 3
_POISON: Final = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.ProgrammingError,
    TandemError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
)
"""What a single delivery can be the cause of, in the database or in what its connector files at once."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A verified delivery, ready to be written. `payload` is its kept form, `kind` that of the envelope which opens it."""

    source: str
    delivery_id: str
    payload: bytes
    kind: str = raw.HOOK
    hasty: Hasty | None = None
    at_once: Sequence[object] = ()
    """What cannot wait for the door to understand it. With a buffer before the database it does: the door files it then."""
    account: Account | None = None
    """By which it was verified: it must still be that when it is written."""


class Buffer(Protocol):
    """Something durable before the database. `put` returns when every delivery is safe there, or raises Unavailable."""

    def put(self, tenant: UUID, keys: TenantKeys, deliveries: Sequence[Kept]) -> None: ...


@dataclass(frozen=True, slots=True)
class Called:
    """Whom a call is for."""

    connector: Connector
    account: Account


class AccountChanged(Exception):
    """The account is not any more what a delivery was verified by."""


class HookDoor:
    """One process's webhook door."""

    def __init__(self, db: Database, *, buffer: Buffer | None = None, limit: Limit | None = None) -> None:
        self._db = db
        self._buffer = buffer
        self._fresh_seconds = FRESH_SECONDS if buffer is None else BUFFERED_FRESH_SECONDS
        self._accounts = Accounts(self._fresh_seconds)
        self._limit = limit or Limit(PER_MINUTE, BURST)
        self._challenges = Limit(CHALLENGES_PER_MINUTE, CHALLENGES_PER_MINUTE)
        self._flushes: Flushes[Kept] = Flushes(self._write)
        self._aside = ThreadPoolExecutor(ASIDE_THREADS, thread_name_prefix="hooks")
        self._looking: dict[UUID, Future[Account | None]] = {}
        # Its own thread, one: a platform that is slow to tell its keys holds up nothing else, and is asked for one at a time.
        self._keys = ThreadPoolExecutor(1, thread_name_prefix="hook-keys")
        self._fetching: dict[Hashable, Future[None]] = {}

    async def find(self, connector_name: str, account_id: UUID) -> Called:
        """Whom a call is for. Raises NotFound, Throttled, Unavailable."""
        connector = connector_of(connector_name)
        account = None if connector is None else await self._account(account_id)
        return _called(connector_name, connector, account)

    def recall(self, connector_name: str, account_id: UUID) -> Called | None:
        """What `find` finds, where nobody has to be asked for it; else None."""
        connector, known = connector_of(connector_name), self._accounts.recall(account_id)
        if connector is None or known is None or known.blind or time.monotonic() >= known.fresh_until:
            return None
        account = known.account
        return (
            Called(connector, account) if account.connector == connector_name and account.status == "active" else None
        )

    def ready(self, called: Called, delivery: Delivery) -> Kept | None:
        """What `take` would write of a call, where nothing stands between; else None: `take` says what does. Quick, keeps nothing."""
        account = called.account
        if len(delivery.body) > INLINE_BYTES_MAX or (self._buffer is None and not PRESSURE.is_open(account.tenant_id)):
            return None
        keyed = _keyed(called.connector)
        wanted = None if keyed is None else keyed.wants_key(account, delivery)
        if keyed is not None and wanted is not None:
            self._fetch_key(keyed, called, delivery, wanted[1])
            if wanted[0] == "now":
                return None
        try:
            called.connector.verify(account, delivery)
        except NotVerified:
            return None
        return None if self._limit.take(account.id) else self._kept(called, delivery)

    def hand_in(self, called: Called, kept: Kept, told: Told) -> None:
        """Have what `ready` gave written, in the running loop, which calls `told` then. With AccountChanged: `take_anew`."""
        self._flushes.hand_in(called.account.tenant_id, kept, told)

    async def take(self, called: Called, delivery: Delivery) -> Reply:
        """Take one call. Raises NotFound, TooLarge, Throttled, NotVerified, Unavailable; then nothing was kept."""
        for _ in range(TRIES):
            try:
                called = await self._verified(called, delivery)
                self._limit.spend(called.account.id)
                await self._room(called.account.tenant_id)
            except (NotVerified, Throttled, TooLarge) as refused:
                self.note(called, refused)
                raise
            kept = await self._inline_or_aside(delivery, self._kept, called, delivery)
            try:
                await self._flushes.join(called.account.tenant_id, kept)
            except AccountChanged:
                called = await self._again(called)
                continue
            return called.connector.answer(called.account, delivery)
        raise Unavailable(
            "source_changing", "数据源正在变更，请稍后重发。", "The source is being changed; send again shortly."
        )

    async def take_anew(self, called: Called, delivery: Delivery) -> Reply:
        """Take a call whose account has changed since it was found. Raises as `take`."""
        return await self.take(await self._again(called), delivery)

    async def challenge(self, called: Called, query: Mapping[str, str]) -> Reply:
        """Answer a platform that checks our address before it pushes. Raises NotFound, NotVerified, Throttled.

        No write asks afterwards whether the account still stands, so it is looked at now: one that was switched off answers nothing more.
        Platforms check seldom; whoever asks more often than that waits. A stranger, who cannot ask as the platform does, is turned away by
        what is known here: he uses up nothing of what the platform may ask.
        """
        connector = called.connector
        if not isinstance(connector, Challenged):
            raise not_verified()
        try:
            connector.challenge(called.account, query)
        except NotVerified:
            if not self._is_doubtful(called.account):
                raise
        else:
            self._challenges.spend(called.account.id)
        called = await self._again(called)
        return connector.challenge(called.account, query)

    def note(self, called: Called, refused: TandemError) -> None:
        """Count a call that was turned away."""
        tally.note(
            called.account.tenant_id,
            called.account.source,
            unverified=isinstance(refused, NotVerified),
            throttled=isinstance(refused, Throttled),
            refused=isinstance(refused, TooLarge),
        )
        if tally.is_due():
            self._aside.submit(tally.flush, self._db)

    def close(self) -> None:
        """Write what was taken in, and end the threads."""
        self._flushes.close()
        self._aside.shutdown()
        self._keys.shutdown(cancel_futures=True)

    # -------------------------------------------------------------------------------------------------- the account

    async def _account(self, account_id: UUID) -> Account | None:
        known = self._accounts.recall(account_id)
        if known is None:
            return None if self._accounts.is_nobody(account_id) else await self._look_at_new(account_id)
        age = time.monotonic() - known.looked_at
        if known.account.status != "active" and age > DOUBT_SECONDS and not known.blind:
            return await self._look(account_id)
        if time.monotonic() >= known.fresh_until:
            looking = self._start_look(account_id)
            # A little stale, or nobody answers who knows better: it is gone by meanwhile.
            if not known.blind and age > STALE_FRESH_TIMES * self._fresh_seconds:
                return await asyncio.shield(asyncio.wrap_future(looking))
        return known.account

    async def _look_at_new(self, account_id: UUID) -> Account | None:
        if account_id not in self._looking and len(self._looking) >= LOOKING_MAX:
            raise Throttled(
                "door_full",
                "同时送入的请求过多，请稍后重发。",
                "Too many calls at the door at once; send again shortly.",
                retry_after_seconds=1,
            )
        return await self._look(account_id)

    async def _look(self, account_id: UUID) -> Account | None:
        return await asyncio.shield(asyncio.wrap_future(self._start_look(account_id)))

    def _start_look(self, account_id: UUID) -> Future[Account | None]:
        """Have an account looked up aside; who asks for it meanwhile waits for the same look."""
        looking = self._looking.get(account_id)
        if looking is not None:
            return looking
        looking = self._aside.submit(self._accounts.look, self._db, account_id)
        self._looking[account_id] = looking
        looking.add_done_callback(lambda done: self._looked(account_id, done))
        return looking

    def _looked(self, account_id: UUID, done: Future[Account | None]) -> None:
        self._looking.pop(account_id, None)
        if not done.cancelled():
            done.exception()  # who waits raises it; a look that nobody waits for fails in silence, and is made again

    async def _again(self, called: Called) -> Called:
        """The account as it is now. Raises NotFound, Unavailable."""
        return _called(called.connector.name, called.connector, await self._look(called.account.id))

    # ------------------------------------------------------------------------------------------------- the delivery

    async def _verified(self, called: Called, delivery: Delivery) -> Called:
        """Whom the call turned out to be for. Raises NotVerified, TooLarge."""
        if len(delivery.body) > BODY_BYTES_MAX:
            raise too_large()
        await self._keyed(called, delivery)
        # Verified before anything is counted: a stranger who knows the address must not use up what the platform may send.
        try:
            await self._inline_or_aside(delivery, called.connector.verify, called.account, delivery)
        except NotVerified:
            if not self._is_doubtful(called.account):
                raise
            fresh = await self._again(called)
            if fresh.account.stamp == called.account.stamp:
                raise
            await self._inline_or_aside(delivery, fresh.connector.verify, fresh.account, delivery)
            return fresh
        return called

    async def _keyed(self, called: Called, delivery: Delivery) -> None:
        """Have the key fetched by which this is verified, where it is not known. Raises Throttled, Unavailable."""
        keyed = _keyed(called.connector)
        wanted = None if keyed is None else keyed.wants_key(called.account, delivery)
        if keyed is None or wanted is None:
            return
        when, name = wanted
        fetching = self._fetch_key(keyed, called, delivery, name)
        if when == "soon":
            return
        if fetching is None:
            raise Throttled(
                "keys_waiting",
                "等待平台公钥的请求过多，请稍后重发。",
                "Too many calls wait for the platform's key; send again shortly.",
                retry_after_seconds=5,
            )
        await asyncio.shield(asyncio.wrap_future(fetching))

    def _fetch_key(self, keyed: Keyed, called: Called, delivery: Delivery, name: Hashable) -> Future[None] | None:
        """The fetching of a key, begun where it was not yet; None where too many are being fetched."""
        fetching = self._fetching.get(name)
        if fetching is None and len(self._fetching) < KEYS_FETCHED_MAX:
            fetching = self._fetching[name] = self._keys.submit(keyed.fetch_key, self._db, called.account, delivery)
            fetching.add_done_callback(lambda _done: self._fetching.pop(name, None))
        return fetching

    def _is_doubtful(self, account: Account) -> bool:
        known = self._accounts.recall(account.id)
        return known is not None and not known.blind and time.monotonic() - known.looked_at > DOUBT_SECONDS

    async def _inline_or_aside(self, delivery: Delivery, work: Callable[..., T], *given: object) -> T:
        if len(delivery.body) <= INLINE_BYTES_MAX:
            return work(*given)
        return await asyncio.get_running_loop().run_in_executor(self._aside, work, *given)

    async def _room(self, tenant: UUID) -> None:
        """Raise Throttled while the tenant's backlog is past its limit."""
        if self._buffer is not None:
            return
        if PRESSURE.is_due(tenant):
            await asyncio.get_running_loop().run_in_executor(self._aside, PRESSURE.look, self._db, tenant)
        PRESSURE.hold(tenant)

    def _kept(self, called: Called, delivery: Delivery) -> Kept:
        connector, account = called.connector, called.account
        query = {name: delivery.query[name] for name in connector.kept_query if name in delivery.query}
        hasty = _hasty(connector) if self._buffer is None else None
        at_once = hasty.at_once(account, delivery) if hasty is not None else ()
        named = _storable(connector.delivery_id(account, delivery))
        kept = raw.wrap(delivery.body, query)
        return Kept(
            account.source,
            named,
            kept,
            hasty=hasty if at_once else None,
            at_once=at_once,
            account=account,
        )

    # ---------------------------------------------------------------------------------------------------- the write

    def _write(self, tenant: UUID, group: Sequence[Kept]) -> Outcome:
        if self._buffer is not None:
            self._buffer.put(tenant, self._accounts.keys(tenant), group)
            return None
        try:
            return self._write_together(tenant, group)
        except _POISON as error:
            if len(group) == 1 or isinstance(error, Unavailable):
                raise
        return [self._write_alone(tenant, one) for one in group]

    def _write_alone(self, tenant: UUID, one: Kept) -> BaseException | None:
        """What is wrong with a delivery by itself: one that cannot be stored takes nobody with it."""
        try:
            outcome = self._write_together(tenant, [one])
        except (psycopg.Error, *_POISON) as error:
            return error
        return outcome[0] if outcome else None

    def _write_together(self, tenant: UUID, group: Sequence[Kept]) -> Outcome:
        with self._db.tx("door", tenant=tenant) as tx:
            sound, opened = _still_standing(tx, group)
            items = [
                raw.envelope(one.source, one.delivery_id, tx.now, one.payload, index=index)
                for index, one in enumerate(sound)
            ]
            take_in(tx, Parsed(items, [], {}), opened)
            for hasty in dict.fromkeys(one.hasty for one in sound if one.hasty is not None):
                hasty.file_at_once(tx, [thing for one in sound if one.hasty is hasty for thing in one.at_once])
        if len(sound) == len(group):
            return None
        kept = set(map(id, sound))
        return [None if id(one) in kept else AccountChanged() for one in group]


# The keys beside the stamps: one round trip less in every group.
_STANDING: Final = """
select t.key_enc, (select d.key_enc from intake_day_key d where d.tenant_id = %(tenant)s and d.day = %(day)s), a.id, a.xmin::text
from tenant t left join source_account a on a.tenant_id = %(tenant)s and a.id = any(%(ids)s::uuid[]) where t.id = %(tenant)s
"""


def _still_standing(tx: Tx, group: Sequence[Kept]) -> tuple[list[Kept], tuple[TenantKeys, bytes]]:
    """The deliveries of a group whose accounts are what they were verified by, and the keys to seal them with."""
    verified_by = list({one.account.id for one in group if one.account is not None})
    day = tx.machine_now.date()
    rows = tx.cursor(_STANDING, {"tenant": tx.tenant_id, "day": day, "ids": verified_by}, prepare=True).fetchall()
    now = {account: stamp for _, _, account, stamp in rows}
    sound = [one for one in group if one.account is None or now.get(one.account.id) == one.account.stamp]
    return sound, opened_keys(tx, day, rows[0][0], rows[0][1])


@cache
def _hasty(connector: Connector) -> Hasty | None:
    """Asked of every delivery, and a protocol's own question costs as much as the rest of it."""
    return connector if isinstance(connector, Hasty) else None


@cache
def _keyed(connector: Connector) -> Keyed | None:
    return connector if isinstance(connector, Keyed) else None


def _called(name: str, connector: Connector | None, account: Account | None) -> Called:
    if connector is None or account is None or account.connector != name or account.status != "active":
        raise NotFound(
            "no_such_source", "没有这个数据源，或已停用。", "There is no such source, or it is switched off."
        )
    return Called(connector, account)


def _storable(named: str) -> str:
    """A delivery's name, or a digest of it where PostgreSQL could not hold it as text."""
    try:
        sound = "\x00" not in named and bool(named.encode())
    except UnicodeEncodeError:
        sound = False
    return named if sound else body_digest(named.encode(errors="surrogatepass"))


def too_large() -> TooLarge:
    """The answer to a body past the limit."""
    return TooLarge("body_too_large", "单次投递最大 950 KB。", "A delivery may have at most 950 KB.")


__all__ = ["BODY_BYTES_MAX", "AccountChanged", "Buffer", "Called", "HookDoor", "Kept", "too_large"]
