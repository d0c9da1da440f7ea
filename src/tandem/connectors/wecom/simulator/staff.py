"""The simulated corporation as an employer: who comes, moves, is locked out and leaves, and who came by a code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tandem.connectors.wecom.simulator.calls import OPERATIONS, Answer, Called, operation
from tandem.connectors.wecom.simulator.corp import Corp, Member


@operation("auth/getuserinfo", "GET")
def _who(called: Called) -> Answer:
    """The newer name of what tells who came by a code (D 91023); the same codes."""
    found = dict(OPERATIONS["user/getuserinfo"][1](called))
    return {"userid": found["userid"], "user_ticket": ""}


def hire(corp: Corp, userid: str, name: str, department: int, now: datetime) -> str:
    """Somebody begins to work here."""
    corp.members[userid] = Member(userid, name, [department], "")
    corp.tell("change_contact", "create_user", now, UserID=userid, Name=name, Department=str(department))
    return userid


def move(corp: Corp, userid: str, department: int, now: datetime) -> None:
    """A member goes to another department. Raises KeyError."""
    corp.members[userid].departments = [department]
    corp.tell("change_contact", "update_user", now, UserID=userid, Department=str(department))


def disable(corp: Corp, userid: str, now: datetime) -> None:
    """A member may not use WeCom any more, though she is there. Raises KeyError."""
    corp.members[userid].status = 2
    corp.tell("change_contact", "update_user", now, UserID=userid, Status="2")


def inbox(corp: Corp, userid: str) -> list[dict[str, Any]]:
    """The application's messages on a member's phone, the oldest first."""
    return [one["message"] for one in corp.outgoing if one["kind"] == "application" and userid in one["to"]]
