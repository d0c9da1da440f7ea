"""DingTalk as the company's directory: departments level by level, members by department, sign-in by authorisation code, work notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from tandem.catalog.label import Label
from tandem.connectors.dingtalk.connector import PLATFORM, USER_TOKEN, WHO
from tandem.connectors.kit.staff import Asked, Gateway
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.values import listed, member, texts, word
from tandem.connectors.kit.wire import Call
from tandem.domains.directory.gateway import Card, Department, DirectoryFailure, Entry, Person

ROOT: Final = 1
DEPARTMENTS_MAX: Final = 20_000
PAGE_SIZE: Final = 100
PAGES_MAX: Final = 1_000
#: No such member; not one of this company.
GONE: Final = frozenset({"60121", "33012", "60111"})
INSIDE: Final = 0


def _departments(one: Mapping[str, Any]) -> list[str]:
    return [str(each) for each in one.get("dept_id_list") or ()]


class DingTalkStaff(Asked):
    """One company's directory. Implements `directory.gateway.StaffLine`."""

    gone = GONE

    def _ask(self, name: str, params: Mapping[str, Any]) -> Any:
        return self._call(Call(name, params, path=f"/topapi/{name}", host="oapi")).get("result")

    def departments(self) -> list[Department]:
        """The tree from the company down: the interface tells one level at a time."""
        found, open_ = [Department(str(ROOT), "", self._company())], [ROOT]
        while open_ and len(found) < DEPARTMENTS_MAX:
            above = open_.pop(0)
            for one in listed({"list": self._ask("v2/department/listsub", {"dept_id": above}) or []}, "list"):
                found.append(Department(str(one["dept_id"]), str(above), word(one, "name")))
                open_.append(int(one["dept_id"]))
        return found

    def _company(self) -> str:
        return word(member({"one": self._ask("v2/department/get", {"dept_id": ROOT}) or {}}, "one"), "name")

    def members(self, departments: Sequence[Department]) -> list[Person]:
        """Everybody, department by department; whoever is in several is told by each."""
        found: dict[str, Person] = {}
        leads: dict[str, list[str]] = {}
        for department in departments:
            for one in self._of(department.id):
                who = word(one, "userid")
                if one.get("leader") is True:
                    leads.setdefault(who, []).append(department.id)
                found[who] = _person(one, leads.get(who, []))
        return list(found.values())

    def _of(self, department: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = 0
        for _ in range(PAGES_MAX):
            page: dict[str, Any] = (
                self._ask("v2/user/list", {"dept_id": int(department), "cursor": cursor, "size": PAGE_SIZE}) or {}
            )
            found += listed(page, "list")
            if not page.get("has_more"):
                return found
            cursor = int(page.get("next_cursor") or 0)
        raise DirectoryFailure("refused", f"department {department} has too many pages")

    def member(self, member: str) -> Person | None:
        """One of them."""
        try:
            one: dict[str, Any] = self._ask("v2/user/get", {"userid": member}) or {}
        except DirectoryFailure as failure:
            if failure.why == "gone":
                return None
            raise
        return _person(
            one, [str(each["dept_id"]) for each in listed(one, "leader_in_dept") if each.get("leader") is True]
        )

    def who(self, code: str, verifier: str, redirect: str) -> str:
        """The member of this company who came by a code; DingTalk checks no verifier: the state alone ties the browser."""
        del verifier, redirect
        token = word(
            self._call(Call(USER_TOKEN, {"code": code}, path="/v1.0/oauth2/userAccessToken"), quiet=True), "accessToken"
        )
        me = self._call(Call(WHO, {"token": token}, "GET", "/v1.0/contact/users/me"), quiet=True)
        try:
            found: dict[str, Any] = self._ask("user/getbyunionid", {"unionid": word(me, "unionId")}) or {}
        except DirectoryFailure as failure:
            if failure.why == "gone":
                return ""
            raise
        return word(found, "userid") if int(found.get("contact_type") or INSIDE) == INSIDE else ""

    def send(self, address: str, card: Card) -> None:
        """A work notice. The platform drops one of the same words to the same person on the same day: each card names its own address."""
        words = "  \n".join([f"### {card.title}", *card.lines])
        message = {
            "msgtype": "action_card",
            "action_card": {
                "title": card.title[:64],
                "markdown": words[:1000],
                "single_title": card.button[:20],
                "single_url": card.url,
            },
        }
        asked = {"agent_id": int(str(self.settings["agent_id"])), "userid_list": address, "msg": compact(message)}
        found = self._call(
            Call("message/send", asked, path="/topapi/message/corpconversation/asyncsend_v2", host="oapi")
        )
        if not found.get("task_id"):
            raise DirectoryFailure("refused", "no task")


def _person(one: Mapping[str, Any], leads: Sequence[str]) -> Person:
    who = word(one, "userid")
    return Person(
        member=who,
        name=word(one, "name") or who,
        departments=_departments(one) or texts(one, "dept_id_list"),
        position=word(one, "title"),
        leads=leads,
        # `active` says that she has begun to use DingTalk: who has not may be here all the same.
        active=True,
        mobile=word(one, "mobile"),
        email=word(one, "org_email") or word(one, "email"),
        address=who,
    )


def page(config: Mapping[str, Any], entry: Entry) -> str:
    """One page for both: inside of DingTalk it asks nothing."""
    asked = {
        "redirect_uri": entry.redirect, "response_type": "code", "client_id": str(config.get("app_key") or ""), "scope": "openid",
        "state": entry.state, "prompt": "consent",
    }  # fmt: skip
    return f"https://login.dingtalk.com/oauth2/auth?{urlencode(asked)}"


GATEWAY: Final = Gateway(PLATFORM, DingTalkStaff, page, Label("钉钉", "DingTalk"))
