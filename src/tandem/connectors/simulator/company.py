"""A simulated company as an employer: departments, members, who came by a code, what reached their phones. It is memory."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from tandem.connectors.simulator.base import Shop

CODE_GOOD_FOR: Final = timedelta(minutes=5)
_TREE: Final = (
    (1, "双擎示范连锁", 0),
    (2, "华东大区", 1),
    (3, "上海徐汇店", 2),
    (4, "杭州西湖店", 2),
    (5, "总部客服部", 1),
)
_STAFF: Final = (
    ("chenyu", "陈雨", 3, "店长", True), ("hejing", "何静", 3, "导购", False), ("luyang", "陆洋", 4, "店长", True),
    ("maxue", "马雪", 4, "导购", False), ("tangwen", "唐雯", 5, "客服", False), ("gaofei", "高飞", 2, "区域经理", True),
)  # fmt: skip


@dataclass(slots=True)
class Employee:
    """A member of staff."""

    id: str
    name: str
    departments: list[int]
    title: str
    leads: bool
    mobile: str
    frozen: bool = False


@dataclass
class Company:
    """Everything of one company."""

    departments: dict[int, tuple[str, int]] = field(default_factory=dict[int, tuple[str, int]])
    people: dict[str, Employee] = field(default_factory=dict[str, Employee])
    codes: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    """Tokens of people, each of whom."""
    sent: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    events: deque[dict[str, Any]] = field(default_factory=lambda: deque[dict[str, Any]](maxlen=1_000))
    number: int = 0

    def sign_in(self, who: str, now: datetime, **bound: str) -> str:
        """Somebody says yes on the platform's page: a code for one use within five minutes. Raises KeyError."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = {"who": self.people[who].id, "until": now + CODE_GOOD_FOR, **bound}
        return code

    def take(self, code: str, now: datetime) -> dict[str, Any] | None:
        """Use a code up; None for one that does not hold."""
        given = self.codes.pop(code, None)
        return given if given is not None and given["until"] >= now else None

    def token_of(self, who: str) -> str:
        """A token of a person's own."""
        made = secrets.token_urlsafe(24)
        self.tokens[made] = who
        return made

    def of_department(self, department: int) -> list[Employee]:
        """Who works in a department itself."""
        return [one for one in self.people.values() if department in one.departments]

    def act(self, what: str, query: dict[str, str], now: datetime) -> Any:
        """`sign_in`, `hire`, `move`, `leave`, `disable`. Raises KeyError for somebody who is not there."""
        if what == "sign_in":
            return self.sign_in(query["member"], now)
        if what == "hire":
            made = Employee(
                query["member"],
                query.get("name", "新同事"),
                [int(query.get("department", "3"))],
                query.get("title", ""),
                False,
                "",
            )
            self.people[made.id] = made
        elif what == "move":
            self.people[query["member"]].departments = [int(query["department"])]
        elif what == "disable":
            self.people[query["member"]].frozen = True
        else:
            del self.people[query["member"]]
        self.number += 1
        self.events.append(
            {"what": what, "member": query["member"], "at": int(now.timestamp() * 1000), "number": self.number}
        )
        return query["member"]


ACTS: Final = frozenset({"sign_in", "hire", "move", "leave", "disable"})


def company_of(shop: Shop) -> Company:
    """The company behind an account; made when it is first asked for."""
    if "company" not in shop.memory:
        made = Company({number: (name, above) for number, name, above in _TREE})
        for place, (who, name, department, title, leads) in enumerate(_STAFF):
            made.people[who] = Employee(who, name, [department], title, leads, f"1390000{place:04d}")
        shop.memory["company"] = made
    found: Company = shop.memory["company"]
    return found
