"""Whose an order is: the first rule that finds somebody, and among whom it is shared. Pure: no database, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

WHOLE: Final = 10_000
"""An order in ten thousandths."""
SUCCESSIONS_MAX: Final = 10

RuleKind = Literal["till", "parcel", "scan", "radar", "friend", "owner", "store"]
To = Literal["found", "till", "inviter", "owner", "store"]
Renewal = Literal["added", "order", "radar"]
NOBODY: Final = "nobody"


class Share(msgspec.Struct, frozen=True):
    """A fixed part of an order. `found`: whoever the rule found; who is not there leaves her part to that one."""

    to: To
    bp: int


class Rule(msgspec.Struct, frozen=True):
    """One rule. `days`: how old its evidence may be; for a friend: how long she is protected after `renewed_by`."""

    kind: RuleKind
    days: int = 30
    renewed_by: tuple[Renewal, ...] = ("added",)
    pick: Literal["first", "latest"] = "first"
    rota: Literal["customer", "order"] = "customer"
    channels: tuple[str, ...] = ()
    shares: tuple[Share, ...] = (Share("found", WHOLE),)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a time."""

    version: int
    starts_at: datetime
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """A colleague who earns."""

    user_id: UUID
    code: str | None
    store_id: UUID | None
    since: datetime
    left_at: datetime | None
    successor_id: UUID | None


@dataclass(frozen=True, slots=True)
class Order:
    """What of an order decides whose it is."""

    id: UUID
    customer_id: UUID | None
    store_id: UUID | None
    channel: str | None
    adviser: str | None
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class Friend:
    """A friendship with a colleague. `before`: the colleague who handed her over."""

    user_id: UUID
    added_at: datetime
    lost_at: datetime | None
    scanned: bool
    """She came by a code of the adviser's."""
    handed_over: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """Something of an adviser's that the customer opened, or an order of hers that an adviser was credited with."""

    user_id: UUID
    at: datetime


@dataclass(slots=True)
class About:
    """What is known of a customer, and of an order's card. Orders decided on are added as they are."""

    friends: list[Friend] = field(default_factory=list[Friend])
    opened: list[Seen] = field(default_factory=list[Seen])
    orders: list[Seen] = field(default_factory=list[Seen])
    owner: UUID | None = None
    claim: Seen | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whose an order is. `shares` add up to `WHOLE`, or there are none. `evidence`: what the rule went by."""

    rule: str
    place: int
    shares: tuple[tuple[UUID, int], ...]
    evidence: dict[str, Any]


class Staff:
    """Who earns at what time."""

    def __init__(self, posts: Sequence[Post], inactive: frozenset[UUID] = frozenset()) -> None:
        self._posts = {one.user_id: one for one in posts}
        self._codes = {one.code: one.user_id for one in posts if one.code}
        self._inactive = inactive

    def of_code(self, code: str | None) -> UUID | None:
        """Whose staff number this is."""
        return self._codes.get(code) if code else None

    def at(self, user: UUID | None, moment: datetime) -> UUID | None:
        """Who earns in a colleague's stead: she herself, or after her leaving whoever took over; None: nobody."""
        for _ in range(SUCCESSIONS_MAX):
            if user is None:
                return None
            post = self._posts.get(user)
            if post is None:
                return None if user in self._inactive else user
            if post.left_at is None or moment < post.left_at:
                return user
            user = post.successor_id
        return None

    def of_store(self, store: UUID | None, key: UUID, moment: datetime) -> UUID | None:
        """The store's adviser for a customer or an order: the same one as long as she is there (rendezvous hashing).

        Since when somebody has her post is not asked: rules may begin before anybody wrote it down.
        """
        there = [
            one.user_id
            for one in self._posts.values()
            if store is not None and one.store_id == store and (one.left_at is None or moment < one.left_at)
        ]  # fmt: skip
        return max(
            there, key=lambda user: hashlib.blake2b(key.bytes + user.bytes, digest_size=8).digest(), default=None
        )


def policy_at(policies: Sequence[Policy], moment: datetime) -> Policy | None:
    """The policy of a time: the latest version that had begun."""
    return max((one for one in policies if one.starts_at <= moment), key=lambda one: one.version, default=None)


def decide(order: Order, about: About, policy: Policy, staff: Staff) -> Decision:
    """Whose an order is."""
    for place, rule in enumerate(policy.rules, 1):
        if rule.channels and order.channel not in rule.channels:
            continue
        found = _FINDERS[rule.kind](order, about, rule, staff)
        if found is not None:
            user, evidence = found
            return Decision(rule.kind, place, _shared(order, about, rule, staff, user), evidence)
    return Decision(NOBODY, len(policy.rules) + 1, (), {})


Found = tuple[UUID, dict[str, Any]]


def _till(order: Order, about: About, rule: Rule, staff: Staff) -> Found | None:
    del about, rule
    user = staff.of_code(order.adviser)
    return None if user is None else (user, {"code": order.adviser})


def _parcel(order: Order, about: About, rule: Rule, staff: Staff) -> Found | None:
    claim = about.claim
    if claim is None or claim.at > order.paid_at + timedelta(days=rule.days):
        return None
    user = staff.at(claim.user_id, order.paid_at)
    return None if user is None else (user, {"at": claim.at.isoformat()})


def _scan(order: Order, about: About, rule: Rule, staff: Staff) -> Found | None:
    scans = [Seen(one.user_id, one.added_at) for one in about.friends if one.scanned and not one.handed_over]
    return _within(scans, order, rule, staff)


def _radar(order: Order, about: About, rule: Rule, staff: Staff) -> Found | None:
    return _within(about.opened, order, rule, staff)


def _within(seen: Sequence[Seen], order: Order, rule: Rule, staff: Staff) -> Found | None:
    """The first or latest within the rule's days before the order whose adviser earns."""
    since = order.paid_at - timedelta(days=rule.days)
    fresh = sorted((one for one in seen if since <= one.at <= order.paid_at), key=lambda one: (one.at, one.user_id))
    for one in fresh if rule.pick == "first" else reversed(fresh):
        user = staff.at(one.user_id, order.paid_at)
        if user is not None:
            return user, {"at": one.at.isoformat()} | _instead(one.user_id, user)
    return None


def _friend(order: Order, about: About, rule: Rule, staff: Staff) -> Found | None:
    """The friend whose protection holds: the one protected first, or the one renewed last."""
    held: list[tuple[datetime, datetime, Friend]] = []
    for one in about.friends:
        if one.added_at > order.paid_at or (one.lost_at is not None and one.lost_at <= order.paid_at):
            continue
        began, renewed = _renewed(one, order, about, rule)
        if renewed is not None and order.paid_at <= renewed + timedelta(days=rule.days):
            held.append((began, renewed, one))
    held.sort(
        key=lambda one: (one[0] if rule.pick == "first" else one[1], one[2].user_id), reverse=rule.pick == "latest"
    )
    for began, renewed, one in held:
        user = staff.at(one.user_id, order.paid_at)
        if user is not None:
            until = renewed + timedelta(days=rule.days)
            evidence = {"at": began.isoformat(), "renewed_at": renewed.isoformat(), "until": until.isoformat()}
            return user, evidence | _instead(one.user_id, user)
    return None


def _renewed(friend: Friend, order: Order, about: About, rule: Rule) -> tuple[datetime, datetime | None]:
    """Since when she is known, and when her protection was last renewed. Who took her over goes on where the other stopped."""
    line = _line(friend, about.friends)
    whose = {one.user_id for one in line}
    began = min(one.added_at for one in line)
    # A hand-over renews nothing: what is open goes over as it stands.
    moments = [one.added_at for one in line if not one.handed_over] if "added" in rule.renewed_by else []
    for name, seen in (("order", about.orders), ("radar", about.opened)):
        if name in rule.renewed_by:
            moments += [one.at for one in seen if one.user_id in whose and began <= one.at < order.paid_at]
    return began, max(moments, default=None)


def _line(friend: Friend, friends: Sequence[Friend]) -> list[Friend]:
    """A friendship and those that it goes on from."""
    line = [friend]
    while line[-1].handed_over and len(line) < SUCCESSIONS_MAX:
        before = next((one for one in friends if one.lost_at == line[-1].added_at and one not in line), None)
        if before is None:
            break
        line.append(before)
    return line


def _owner(order: Order, about: About, rule: Rule, staff: Staff) -> Found | None:
    del rule
    user = staff.at(about.owner, order.paid_at)
    return None if user is None or about.owner is None else (user, _instead(about.owner, user))


def _store(order: Order, about: About, rule: Rule, staff: Staff) -> Found | None:
    del about
    key = order.customer_id if rule.rota == "customer" and order.customer_id is not None else order.id
    user = staff.of_store(order.store_id, key, order.paid_at)
    return None if user is None else (user, {"rota": rule.rota})


_FINDERS: Final = {
    "till": _till, "parcel": _parcel, "scan": _scan, "radar": _radar, "friend": _friend, "owner": _owner, "store": _store,
}  # fmt: skip


def _instead(meant: UUID, user: UUID) -> dict[str, Any]:
    return {} if meant == user else {"instead_of": str(meant)}


def _shared(order: Order, about: About, rule: Rule, staff: Staff, found: UUID) -> tuple[tuple[UUID, int], ...]:
    """Among whom, in the order of the rule; whoever is not there leaves her part to whom the rule found."""
    parts: dict[UUID, int] = {}
    for share in rule.shares:
        user = found if share.to == "found" else _of(share.to, order, about, rule, staff) or found
        parts[user] = parts.get(user, 0) + share.bp
    return tuple((user, bp) for user, bp in parts.items() if bp > 0)


def _of(to: To, order: Order, about: About, rule: Rule, staff: Staff) -> UUID | None:
    match to:
        case "till":
            return staff.of_code(order.adviser)
        case "inviter":
            known = sorted(
                (one for one in about.friends if one.added_at <= order.paid_at), key=lambda one: one.added_at
            )
            return staff.at(known[0].user_id, order.paid_at) if known else None
        case "owner":
            return staff.at(about.owner, order.paid_at)
        case _:
            found = _store(order, about, rule, staff)
            return None if found is None else found[0]


def parse_rules(stored: Sequence[Any]) -> tuple[Rule, ...]:
    """Rules as they are kept. Raises msgspec.ValidationError."""
    return tuple(msgspec.convert(stored, list[Rule]))


def by_key(shares: Sequence[Mapping[str, Any]]) -> tuple[tuple[UUID, int], ...]:
    """Shares as a decision's row keeps them."""
    return tuple((UUID(str(one["user_id"])), int(one["bp"])) for one in shares)
