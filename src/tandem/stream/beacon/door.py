"""The browser's door: is this page allowed, is this a person, is there room; then durable, then answered.

The order is that of cost and of what a stranger may learn: a page that is not on the site's list is told nothing but that, and costs no
write. What the visits mean is found out later by a worker (`visits.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from tandem.access.devices import party_of
from tandem.kernel.db import Database
from tandem.kernel.errors import Forbidden, NotFound, Throttled
from tandem.stream.beacon import site as sites
from tandem.stream.beacon.call import BODY_BYTES_MAX, kept, read
from tandem.stream.beacon.call import Kept as KeptCall
from tandem.stream.beacon.site import SiteConfig, config_of
from tandem.stream.beacon.token import TOKEN_LENGTH_MAX, identifiers_of
from tandem.stream.beacon.visits import BEACON
from tandem.stream.door.kinds import Identifier
from tandem.stream.door.pending import take_in
from tandem.stream.door.pressure import PRESSURE
from tandem.stream.door.wire import Parsed, TooLarge
from tandem.stream.flushes import Flushes
from tandem.stream.sources import raw, tally
from tandem.stream.sources.accounts import Accounts
from tandem.stream.sources.connector import Account
from tandem.stream.sources.hooks import Buffer, Kept
from tandem.stream.sources.limits import Limit

_BOT: Final = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|headless|lighthouse|preview|curl/|wget/|python-|java/|monitor|scrapy",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page that may send: the site's account and the page's origin."""

    account: Account
    config: SiteConfig
    origin: str


class BeaconDoor:
    """One process's door for browsers."""

    def __init__(
        self,
        db: Database,
        *,
        buffer: Buffer | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._db = db
        self._buffer = buffer
        self._clock = clock
        self._accounts = Accounts()
        self._limits: dict[tuple[int, int], tuple[Limit, Limit]] = {}
        self._flushes: Flushes[Kept] = Flushes(self._write)

    def page(self, key: UUID, origin: str | None) -> Page:
        """The site that a page may send to. Raises NotFound, Forbidden."""
        account = self._accounts.get(self._db, key)
        if account is None or account.connector != sites.NAME or account.status != "active":
            raise NotFound("no_such_site", "没有这个网站，或已停用。", "There is no such site, or it is switched off.")
        config = config_of(account)
        if origin is None or origin.lower() not in config.origins:
            raise Forbidden(
                "foreign_page",
                "这个网站地址没有登记，不能使用此站点编号。",
                "This page's address is not on the site's list.",
            )
        return Page(account, config, origin)

    def take(self, page: Page, headers: Mapping[str, str], address: str, body: bytes) -> bool:
        """Take one call; False when its visitor is no person or wants not to be followed, and nothing was kept.

        Raises TooLarge, Throttled, InvalidInput; then nothing was kept either.
        """
        if headers.get("dnt") == "1" or headers.get("sec-gpc") == "1" or is_bot(headers.get("user-agent", "")):
            return False
        account = page.account
        try:
            self.spend(page, address)
            if self._buffer is None:
                PRESSURE.check(self._db, account.tenant_id)
        except Throttled:
            tally.note(account.tenant_id, account.source, throttled=1)
            tally.flush_now_and_then(self._db)
            raise
        if len(body) > BODY_BYTES_MAX:
            raise too_large()
        self._flushes.submit(account.tenant_id, self._waiting(account, body))
        return True

    def spend(self, page: Page, address: str) -> None:
        """Count a call against its site's and its address' limits. Raises Throttled."""
        rates = (page.config.per_minute, page.config.per_address)
        by_site, by_address = self._limits.setdefault(
            rates, (Limit(rates[0], max(1, rates[0] // 6)), Limit(rates[1], max(1, rates[1] // 4)))
        )
        # By address first: one that floods uses up its own share and not the site's.
        by_address.spend((page.account.id, party_of(address)))
        by_site.spend(page.account.id)

    def _waiting(self, account: Account, body: bytes) -> Kept:
        call = read(body)
        named = None if call.token is None else self._named(account, call.token)
        if call.token is not None and named is None:
            tally.note(account.tenant_id, account.source, unverified=1)
        told = kept(call, named)
        return Kept(account.source, _digest(told), msgspec.json.encode(told), BEACON)

    def named(self, page: Page, token: str) -> tuple[Identifier, ...] | None:
        """Whom a page's visitor is by the word of the company's own server; None where it says nobody."""
        return self._named(page.account, token)

    def _named(self, account: Account, token: str) -> tuple[Identifier, ...] | None:
        return identifiers_of(token, account.secret, self._clock()) if len(token) <= TOKEN_LENGTH_MAX else None

    def _write(self, tenant: UUID, group: Sequence[Kept]) -> None:
        if self._buffer is not None:
            self._buffer.put(tenant, self._accounts.keys(tenant), group)
            return
        with self._db.tx("door", tenant=tenant) as tx:
            items = [
                raw.envelope(one.source, one.delivery_id, tx.now, one.payload, index=index, kind=one.kind)
                for index, one in enumerate(group)
            ]
            take_in(tx, Parsed(items, [], {}))


def is_bot(agent: str) -> bool:
    """Whether a browser's name is that of a program: they count pages, not people."""
    return not agent or _BOT.search(agent) is not None


def _digest(told: KeptCall) -> str:
    """The same for a repeated call; sent again as somebody else it is another one."""
    named = [(one.kind, one.scope, one.value) for one in told.identifiers]
    text = repr((sorted(one.id for one in told.events), told.device, named))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def too_large() -> TooLarge:
    """The answer to a body past the limit."""
    return TooLarge("body_too_large", "单次最多 64 KB。", "A call may have at most 64 kB.")
