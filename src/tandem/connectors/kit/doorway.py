"""A platform as the webhook door sees it: verify, name, answer, read. What the kit's rounds keep is read here too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from tandem.connectors.kit.failures import ConnectorFailure, WronglySetUp
from tandem.connectors.kit.keyring import KEYS, Place
from tandem.connectors.kit.platform import WANT, Platform, Push, Seen, want
from tandem.connectors.kit.session import Session, credentials_of
from tandem.connectors.kit.wire import Credentials, wired
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Detail, InvalidInput, Unavailable
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import (
    Account,
    Delivery,
    NotVerified,
    Raw,
    Reply,
    body_digest,
    not_proven,
    not_verified,
    register_connector,
)
from tandem.stream.sources.mapping import SPELLING, Mapped
from tandem.stream.sources.tidy import tidy

RESOURCE: Final = "_resource"
"""Under this name a kept page says which resource it is of; a push has none. Nobody outside can set it: it is no kept query of any push."""
QUEUE: Final = "_queue"
CLOCK: Final = "clock"
"""Where a simulated account keeps how far its tenant's clock was from the real one, and since when: [[moment, seconds], ...]."""
_CREDENTIALS: Final = "credentials"
_SPELLING: Final = frozenset(SPELLING)
_A_SECOND: Final = timedelta(seconds=1)
_MOMENTS: Final = ("placed_at", "paid_at", "modified_at", "at")
_ID_LENGTH_MAX: Final = 150
_KNOWN: Final = {"simulated", CLOCK}
_FETCHED: Final = {"order": ("orders", "order_id"), "refund": ("refunds", "refund_id")}
"""Records of pushes that can be fetched instead: the resource, and where the record holds its number."""
_UNREADABLE: Final = (WronglySetUp, Refused, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What a platform's functions raise for bytes that it never sent: whoever knows an address may send what they like."""
_OF_MACHINES: Final = {WANT, "friend_call"}
"""Records of pushes whose moments are the machine's own: a code that is good for twenty seconds is so on no other clock."""


class Doorway:
    """Implements `sources.connector.Connector` for one platform."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.name = platform.manifest.name
        self.label = platform.manifest.label
        self.kept_query: tuple[str, ...] = () if platform.pushes is None else platform.pushes.kept_query

    def check(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The plain settings in their stored form. Raises InvalidInput."""
        plain = {one.name: one for one in self._platform.manifest.settings if not one.secret}
        problems = [
            Detail(f"config.{name}", "没有这项设置", "there is no such setting")
            for name in config
            if name not in plain and name not in _KNOWN
        ]
        kept: dict[str, Any] = {}
        for name, setting in plain.items():
            value = str(config.get(name) or "").strip()
            if value and not re.fullmatch(setting.pattern, value):
                problems.append(Detail(f"config.{name}", "格式不正确", "not of the right form"))
            elif value:
                kept[name] = value
            elif setting.required:
                problems.append(Detail(f"config.{name}", "必填", "required"))
        if problems:
            raise InvalidInput(
                "bad_source_config",
                "数据源设置有误。",
                "The source's settings are not right.",
                details=tuple(problems),
            )
        return kept | ({"simulated": True} if config.get("simulated") else {})

    def verify(self, account: Account, delivery: Delivery) -> None:
        """Raise NotVerified unless the platform signed this."""
        pushes = self._platform.pushes
        if pushes is None:
            raise not_verified()
        try:
            pushes.verify(self._credentials(account), delivery)
        except (NotVerified, *_UNREADABLE) as error:
            raise (not_proven() if pushes.refused == 412 else not_verified()) from error

    def wants_key(self, account: Account, delivery: Delivery) -> tuple[Literal["soon", "now"], Place] | None:
        """The key that a delivery names, where the platform signs with such and it has to be fetched."""
        place = self._key_place(account, delivery)
        need = None if place is None else KEYS.need(place)
        return None if place is None or need is None else (need, place)

    def fetch_key(self, db: Database, account: Account, delivery: Delivery) -> None:
        """Ask the platform for the key a delivery names. Raises Unavailable where it could not be asked and none is known."""
        place = self._key_place(account, delivery)
        if place is None or self._platform.pushes is None or self._platform.pushes.keys is None:
            return
        try:
            with wired() as send:
                session = Session(self._platform, account, db, send)
                found = self._platform.pushes.keys.fetch(session.plain, session.credentials, place[1])
        except ConnectorFailure as failure:
            if KEYS.key(place) is not None:
                return
            raise Unavailable(
                "key_unavailable",
                "暂时无法向平台核对签名公钥，请稍后重发。",
                "The platform cannot be asked for its public key just now; send again shortly.",
            ) from failure
        KEYS.keep(place, found)

    def _key_place(self, account: Account, delivery: Delivery) -> Place | None:
        keys = None if self._platform.pushes is None else self._platform.pushes.keys
        number = "" if keys is None else keys.number(delivery)
        if not number:
            return None
        try:
            return self._credentials(account).base["api"], number
        except _UNREADABLE:
            return None

    def delivery_id(self, account: Account, delivery: Delivery) -> str:
        """The platform's own id of a delivery, else a digest of its body."""
        del account
        named = None if self._platform.pushes is None else self._platform.pushes.delivery_id(delivery)
        if named and len(named) > _ID_LENGTH_MAX:
            return body_digest(named.encode())
        return named or body_digest(delivery.body)

    def answer(self, account: Account, delivery: Delivery) -> Reply:
        """What the platform wants to read."""
        if self._platform.pushes is None:
            return Reply()
        return Reply(*self._platform.pushes.reply(self._credentials(account), delivery))

    def challenge(self, account: Account, query: Mapping[str, str]) -> Reply:
        """The answer to a platform's check of our address. Raises NotVerified."""
        pushes = self._platform.pushes
        if pushes is None or pushes.challenge is None:
            raise not_verified()
        try:
            return Reply(*pushes.challenge(self._credentials(account), query))
        except _UNREADABLE as error:
            raise not_verified() from error

    def at_once(self, account: Account, delivery: Delivery) -> Sequence[object]:
        """What of a verified push cannot wait. What cannot be read now is read later, with the problem it has."""
        pushes = self._platform.pushes
        if pushes is None or pushes.at_once is None:
            return ()
        push = Push(delivery.body, delivery.query, datetime.now(UTC))
        try:
            return pushes.at_once(push, self._credentials(account), Seen(account.source, account.config))
        except _UNREADABLE:
            return ()

    def file_at_once(self, tx: Tx, things: Sequence[object]) -> None:
        """File what could not wait."""
        pushes = self._platform.pushes
        if pushes is not None and pushes.file_at_once is not None:
            pushes.file_at_once(tx, things)

    def read(self, account: Account, raw: Raw) -> Iterable[Mapped | Refused]:
        """The records in a kept page or push, spelt as those of files and of mapped sources are. Raises Refused."""
        found = list(self._read(account, raw))
        for one in found:
            if isinstance(one, Mapped):
                tidy(one.kind, one.payload, _SPELLING)
        return found

    def _read(self, account: Account, raw: Raw) -> Iterable[Mapped | Refused]:
        seen = Seen(account.source, account.config, raw.zone)
        name = raw.query.get(RESOURCE)
        if name == QUEUE and self._platform.queue is not None:
            return list(self._platform.queue.read(raw.body, seen))
        if name is not None:
            try:
                resource = self._platform.resource(name)
            except LookupError as error:
                raise Refused("resource", f"没有 {name} 这种内容", f"there is no resource {name}") from error
            return on_clock(resource.read(raw.body, seen), account.config.get(CLOCK) or [])
        if self._platform.pushes is None:
            raise Refused("", "此平台没有推送", "this platform pushes nothing")
        try:
            push = Push(raw.body, raw.query, raw.received_at)
            found = list(self._platform.pushes.read(push, credentials_of(self._platform, account), seen))
        except (WronglySetUp, KeyError, TypeError, ValueError) as error:
            raise Refused(
                "", f"推送内容无法识别：{type(error).__name__}", f"the push cannot be read: {error}"
            ) from error
        clock: list[Any] = account.config.get(CLOCK) or []
        return self._as_news(found, clock) if clock else found

    def _credentials(self, account: Account) -> Credentials:
        """What `credentials_of` gives, opened once while the account is remembered; `now` is true to the second. Raises WronglySetUp."""
        known: Credentials | None = account.opened.get(_CREDENTIALS)
        now = datetime.now(UTC)
        if known is None:
            known = account.opened[_CREDENTIALS] = credentials_of(self._platform, account)
        elif abs(now - known.now) > _A_SECOND:  # a clock that was set back must not stand still for so long
            known = account.opened[_CREDENTIALS] = replace(known, now=now)
        return known

    def _as_news(self, found: Iterable[Mapped | Refused], clock: Sequence[Sequence[Any]]) -> list[Mapped | Refused]:
        """A simulated push to a demo with a clock of its own says only what to fetch: pages are moved to that clock, each by its moment."""
        fetched = {one.name for one in self._platform.resources if one.detail is not None}
        news: list[Mapped | Refused] = []
        for one in found:
            resource, number = _FETCHED.get(one.kind, ("", "")) if isinstance(one, Mapped) else ("", "")
            if isinstance(one, Refused) or one.kind in _OF_MACHINES:
                news.append(one)
            elif one.kind not in {*_FETCHED, "customer", "product", "stock"}:
                news += on_clock([one], clock)
            elif resource in fetched:
                stamp = str(one.payload.get("modified_at") or one.payload.get("at") or "")
                news.append(want(resource, str(one.payload[number]), stamp=stamp))
        return news


def on_clock(found: Iterable[Mapped | Refused], steps: Sequence[Sequence[Any]]) -> list[Mapped | Refused]:
    """Records with each of their moments moved by what the demo's clock was ahead then: read again later, they say the same. Pure."""
    if not steps:
        return list(found)

    def at(moment: datetime) -> datetime:
        return on_tenants_clock(moment, steps)

    def moved(one: Mapped) -> Mapped:
        payload = {
            name: at(datetime.fromisoformat(value)).isoformat() if name in _MOMENTS and value else value
            for name, value in one.payload.items()
        }
        return Mapped(one.place, one.kind, one.external_id, None if one.time is None else at(one.time), payload)

    return [moved(one) if isinstance(one, Mapped) else one for one in found]


def on_tenants_clock(moment: datetime, steps: Sequence[Sequence[Any]]) -> datetime:
    """A moment of a simulated account on its tenant's clock, by how far that was ahead then. Pure."""
    told = [(datetime.fromisoformat(str(since)), timedelta(seconds=float(by))) for since, by in steps]
    if not told:
        return moment
    return moment + next((by for since, by in reversed(told) if since <= moment), told[0][1])


def register(platform: Platform) -> Doorway:
    """Let accounts of a platform be made."""
    made = Doorway(platform)
    register_connector(made)
    return made
