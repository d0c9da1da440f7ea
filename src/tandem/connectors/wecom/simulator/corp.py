"""What a simulated corporation holds: staff, customers, codes, tags, groups, tasks. It lives as long as its process."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections import Counter, deque
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final, cast

WELCOME_SECONDS: Final = 20
"""A welcome code is good for so long, and for one use (D 92137)."""

_STAFF: Final = (
    ("linxiaotong", "林晓彤", 2), ("zhaomin", "赵敏", 2), ("qianwei", "钱伟", 3), ("sunli", "孙丽", 3), ("zhoujie", "周杰", 2),
)  # fmt: skip
_TAGS: Final = {
    "客户等级": ("普通", "重要", "核心"),
    "宝宝尺码": ("80 码", "90 码", "100 码"),
    "意向": ("奶粉", "辅食", "童装"),
}
_SURNAMES: Final = "赵钱孙李周吴郑王陈林"
_GIVEN: Final = ("丽", "伟", "芳", "静怡", "子轩", "佳", "明", "晓燕")


@dataclass(slots=True)
class Department:
    """A department; 1 is the corporation itself."""

    id: int
    name: str
    parent: int


@dataclass(slots=True)
class Member:
    """A member of staff. `status`: 1 activated, 2 forbidden, 4 not activated, 5 left. `resigned_at` once she has left."""

    userid: str
    name: str
    departments: list[int]
    mobile: str
    status: int = 1
    resigned_at: datetime | None = None
    contacts_max: int = 20_000


@dataclass(slots=True)
class Follow:
    """A member's relation to a customer."""

    created_at: datetime
    add_way: int
    state: str = ""
    remark: str = ""
    description: str = ""
    corp_name: str = ""
    mobiles: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    chatted: bool = False
    """She has begun to chat: no welcome message any more."""


@dataclass(slots=True)
class Contact:
    """A customer. `type`: 1 a WeChat user, 2 of another corporation."""

    id: str
    name: str
    unionid: str
    gender: int
    type: int = 1
    follows: dict[str, Follow] = field(default_factory=dict[str, Follow])
    sent: list[datetime] = field(default_factory=list[datetime])
    """When mass messages reached her: the quota counts them."""
    transfers: list[datetime] = field(default_factory=list[datetime])


@dataclass(slots=True)
class Tag:
    """A tag of the corporation."""

    id: str
    name: str
    created_at: datetime
    order: int = 0


@dataclass(slots=True)
class TagGroup:
    """A group of tags; never empty."""

    id: str
    name: str
    created_at: datetime
    order: int = 0
    tags: list[Tag] = field(default_factory=list[Tag])


@dataclass(slots=True)
class Group:
    """A customer group. `members`: id -> (type 1 staff or 2 customer, when she joined, by which scene, state)."""

    id: str
    name: str
    owner: str
    created_at: datetime
    notice: str = ""
    members: dict[str, tuple[int, datetime, int, str]] = field(
        default_factory=dict[str, tuple[int, datetime, int, str]]
    )
    status: int = 0
    version: str = "1"
    dismissed: bool = False
    stale: list[tuple[dict[str, tuple[int, datetime, int, str]], str]] = field(
        default_factory=list[tuple[dict[str, tuple[int, datetime, int, str]], str]]
    )
    """Members and name as the next reads still see them."""


@dataclass(slots=True)
class Welcome:
    """A welcome code and whom it was given for."""

    userid: str
    contact: str
    made_at: datetime
    used: bool = False


@dataclass
class Corp:
    """Everything of one corporation. `limits` are WeCom's numbers: data, because they change."""

    seed: int
    epoch: datetime
    departments: dict[int, Department] = field(default_factory=dict[int, Department])
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    contacts: dict[str, Contact] = field(default_factory=dict[str, Contact])
    tag_groups: dict[str, TagGroup] = field(default_factory=dict[str, TagGroup])
    groups: dict[str, Group] = field(default_factory=dict[str, Group])
    stores: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict[str, dict[str, dict[str, Any]]])
    """What is kept as it was sent, by what it is and its id: contact ways, tasks, rules, media."""
    welcomes: dict[str, Welcome] = field(default_factory=dict[str, Welcome])
    outgoing: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """What staff and customers were sent."""
    events: deque[dict[str, Any]] = field(default_factory=lambda: deque[dict[str, Any]](maxlen=10_000))
    """Callbacks that wait to be pushed. Changes made through the API make none (D 96361). Where nobody listens the oldest are forgotten."""
    limits: dict[str, int] = field(
        default_factory=lambda: {
            "contact_ways": 500_000, "tags": 3_000, "group_members": 500, "mass_per_month": 30, "transfers_90_days": 2, "parallel": 5,
            "welcome_templates": 100, "intercept_words": 300,
        }
    )  # fmt: skip
    flying: Counter[str] = field(default_factory=Counter[str])
    """Calls under way, by operation and by operation and customer."""
    lock: Lock = field(default_factory=Lock)
    number: int = 0

    def next_id(self, prefix: str) -> str:
        """An id as WeCom's look: a prefix and 30 characters; the same seed gives the same ones."""
        self.number += 1
        return prefix + hashlib.sha256(f"{self.seed}|{prefix}|{self.number}".encode()).hexdigest()[: 32 - len(prefix)]

    @contextmanager
    def taking_off(self, path: str, external: str) -> Generator[bool]:
        """Whether one more call of an operation may run beside those under way: never two on one customer."""
        with self.lock:
            clear = self.flying[path] < self.limits["parallel"] and not self.flying[f"{path}|{external}"]
            self.flying.update((path, f"{path}|{external}"))
        try:
            yield clear
        finally:
            with self.lock:
                self.flying.subtract((path, f"{path}|{external}"))

    def store(self, name: str) -> dict[str, dict[str, Any]]:
        """What is kept under a name, by id."""
        return self.stores.setdefault(name, {})

    def tags(self) -> Iterable[tuple[TagGroup, Tag]]:
        """Every tag with its group."""
        return ((group, tag) for group in self.tag_groups.values() for tag in group.tags)

    def staff_of(self, department: int, *, nested: bool) -> list[Member]:
        """Who works in a department, and below it."""
        wanted = {department}
        if nested:
            grown = True
            while grown:
                more = {one.id for one in self.departments.values() if one.parent in wanted} - wanted
                wanted |= more
                grown = bool(more)
        return [one for one in self.members.values() if one.resigned_at is None and wanted & set(one.departments)]

    def following(self, userid: str) -> list[Contact]:
        """The customers whom a member follows, oldest first."""
        return [one for one in self.contacts.values() if userid in one.follows]

    def new_contact(self, name: str, *, gender: int = 0) -> Contact:
        """Somebody new, whom nobody follows yet."""
        made = Contact(self.next_id("wm"), name, self.next_id("o"), gender)
        self.contacts[made.id] = made
        return made

    # ------------------------------------------------------------------------------------ what people do, with events

    def add_friend(self, contact: Contact, userid: str, now: datetime, *, way: int = 1, state: str = "") -> str | None:
        """A customer adds a member: an event with a welcome code that is good for 20 seconds. None: they knew each other."""
        if userid in contact.follows:
            return None
        contact.follows[userid] = Follow(now, way, state, remark=contact.name)
        code = self.next_id("CALLBACK_CODE_")
        self.welcomes[code] = Welcome(userid, contact.id, now)
        self.tell(
            "change_external_contact", "add_external_contact", now,
            UserID=userid, ExternalUserID=contact.id, State=state, WelcomeCode=code,
        )  # fmt: skip
        return code

    def scan(self, config_id: str, contact: Contact, now: datetime) -> str | None:
        """A customer scans a contact code: one of its members gets her, in turn. Raises KeyError."""
        way = self.store("contact_way")[config_id]
        parties = cast("list[int]", way.get("party") or [])
        users = cast("list[str]", way.get("user") or []) or [
            one.userid for part in parties for one in self.staff_of(part, nested=True)
        ]
        turn = int(way.get("scans", 0))
        way["scans"] = turn + 1
        return self.add_friend(contact, users[turn % len(users)], now, state=str(way.get("state") or ""))

    def lose(self, contact: Contact, userid: str, now: datetime, *, by_staff: bool = False) -> None:
        """One of two removes the other."""
        del contact.follows[userid]
        change = "del_external_contact" if by_staff else "del_follow_user"
        self.tell("change_external_contact", change, now, UserID=userid, ExternalUserID=contact.id)

    def sign_in(self, userid: str, now: datetime) -> str:
        """A member opens a page of ours inside of WeCom: the code with which she is sent to it. Raises KeyError."""
        code = secrets.token_urlsafe(24)
        self.store("oauth_code")[code] = {"member": self.members[userid].userid, "until": now + timedelta(minutes=5)}
        return code

    def resign(self, userid: str, now: datetime) -> None:
        """A member leaves; her customers wait to be handed over."""
        self.members[userid].resigned_at = now
        self.members[userid].status = 5
        self.tell("change_contact", "delete_user", now, UserID=userid)

    def tell(self, event: str, change: str | None, now: datetime, **more: Any) -> None:
        """Something happened that WeCom tells of."""
        named = {} if change is None else {"ChangeType": change}
        self.events.append(
            {
                "FromUserName": "sys",
                "CreateTime": int(now.timestamp()),
                "MsgType": "event",
                "Event": event,
                **named,
                **more,
            }
        )


def founded(seed: int, epoch: datetime, *, customers: int = 40) -> Corp:
    """A corporation with five members, three groups of tags, some customers and a group; the same seed gives the same one."""
    corp, random_ = Corp(seed, epoch), random.Random(seed)  # noqa: S311 - a story that can be repeated
    for number, name, parent in ((1, "双擎示范连锁", 0), (2, "门店导购", 1), (3, "线上客服", 1)):
        corp.departments[number] = Department(number, name, parent)
    for number, (userid, name, department) in enumerate(_STAFF):
        corp.members[userid] = Member(userid, name, [department], f"1380000{number:04d}")
    for group, names in _TAGS.items():
        made = TagGroup(corp.next_id("et"), group, epoch)
        made.tags = [Tag(corp.next_id("et"), one, epoch, place) for place, one in enumerate(names)]
        corp.tag_groups[made.id] = made
    tags = [tag.id for _, tag in corp.tags()]
    for _ in range(customers):
        contact = corp.new_contact(random_.choice(_SURNAMES) + random_.choice(_GIVEN), gender=random_.choice((1, 2, 2)))
        at = epoch - timedelta(hours=random_.randint(1, 2_000))
        for userid in random_.sample([one[0] for one in _STAFF], random_.choice((1, 1, 2))):
            contact.follows[userid] = Follow(
                at,
                random_.choice((1, 2, 3, 4)),
                remark=contact.name,
                tags=random_.sample(tags, random_.randint(0, 2)),
                chatted=True,
            )
    group = Group(corp.next_id("wr"), "妈妈交流群", _STAFF[0][0], epoch - timedelta(days=30))
    group.members = {_STAFF[0][0]: (1, group.created_at, 1, "")} | {
        one.id: (2, group.created_at, 3, "") for one in list(corp.contacts.values())[:12]
    }
    corp.groups[group.id] = group
    return corp
