"""WeCom as the company's directory: departments and members, sign-in by code, cards to staff.

Sources: D 90208 (departments), D 90200 and D 90196 (members), D 91023 (who came by a code), D 98152 (the page with a code to scan),
D 90236 (application messages), D 90970 and on (change_contact). Since 2022 applications are not told mobiles and addresses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from tandem.catalog.label import Label
from tandem.connectors.kit.staff import Asked, Gateway
from tandem.connectors.kit.values import listed, word
from tandem.connectors.kit.wire import Call
from tandem.connectors.wecom.connector import PLATFORM
from tandem.domains.directory.gateway import Card, Department, DirectoryFailure, Entry, Person

ROOT: Final = "1"
ACTIVATED: Final = 1
TITLE_MAX, WORDS_MAX = 128, 512
#: Somebody of the company, but not (any more) of those whom the application sees.
GONE: Final = frozenset({"60111", "46004"})


def _person(one: Mapping[str, Any]) -> Person:
    departments = [str(each) for each in one.get("department") or ()]
    leads = one.get("is_leader_in_dept") or ()
    return Person(
        member=word(one, "userid"),
        name=word(one, "name") or word(one, "userid"),
        departments=departments,
        position=word(one, "position"),
        leads=[place for place, leader in zip(departments, leads, strict=False) if str(leader) == "1"],
        active=int(one.get("status") or ACTIVATED) == ACTIVATED,
        mobile=word(one, "mobile"),
        email=word(one, "biz_mail") or word(one, "email"),
        address=word(one, "userid"),
    )


class WeComStaff(Asked):
    """One corporation's directory. Implements `directory.gateway.StaffLine`."""

    gone = GONE

    def _ask(self, name: str, params: Mapping[str, Any], method: str = "GET", *, quiet: bool = False) -> Any:
        return self._call(Call(name, params, method, f"/cgi-bin/{name}"), quiet=quiet)

    def departments(self) -> list[Department]:
        """The tree, as far as the application sees it."""
        found = listed(self._ask("department/list", {}), "department")
        return [
            Department(
                str(one["id"]), "" if str(one["id"]) == ROOT else str(one.get("parentid") or ""), word(one, "name")
            )
            for one in found
        ]

    def members(self, departments: Sequence[Department]) -> list[Person]:
        """Everybody in it: asked at the tops of what is seen, with what lies below."""
        known = {one.id for one in departments}
        tops = [one.id for one in departments if one.parent not in known]
        found: dict[str, Person] = {}
        for top in tops:
            for one in listed(self._ask("user/list", {"department_id": top, "fetch_child": "1"}), "userlist"):
                person = _person(one)
                found.setdefault(person.member, person)
        return list(found.values())

    def member(self, member: str) -> Person | None:
        """One of them."""
        try:
            return _person(self._ask("user/get", {"userid": member}))
        except DirectoryFailure as failure:
            if failure.why == "gone":
                return None
            raise

    def who(self, code: str, verifier: str, redirect: str) -> str:
        """Who came by a code; empty for somebody of another corporation. WeCom checks no verifier: the state alone ties the browser."""
        del verifier, redirect
        found = self._ask("auth/getuserinfo", {"code": code}, quiet=True)
        return word(found, "userid") or word(found, "UserId")

    def send(self, address: str, card: Card) -> None:
        """A text card. A repeat within half an hour is the same card there (`enable_duplicate_check`)."""
        words = "\n".join(card.lines)
        asked: dict[str, Any] = {
            "touser": address,
            "msgtype": "textcard",
            "agentid": int(str(self.settings.get("agent_id") or 0) or 0),
            "textcard": {
                "title": _cut(card.title, TITLE_MAX), "description": _cut(words, WORDS_MAX), "url": card.url, "btntxt": card.button[:4],
            },
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 1800,
        }  # fmt: skip
        found = self._ask("message/send", asked, "POST")
        if word(found, "invaliduser"):
            raise DirectoryFailure("gone", "invaliduser")


def _cut(text: str, most: int) -> str:
    """WeCom counts bytes."""
    return text.encode()[:most].decode(errors="ignore")


def page(config: Mapping[str, Any], entry: Entry) -> str:
    """Inside of WeCom the silent page of WeChat's (D 91022), outside the one with a code to scan."""
    corp, agent = str(config.get("corp_id") or ""), str(config.get("agent_id") or "")
    if entry.inside:
        asked = {
            "appid": corp, "redirect_uri": entry.redirect, "response_type": "code", "scope": "snsapi_base", "state": entry.state, "agentid": agent,
        }  # fmt: skip
        return f"https://open.weixin.qq.com/connect/oauth2/authorize?{urlencode(asked)}#wechat_redirect"
    asked = {
        "login_type": "CorpApp",
        "appid": corp,
        "agentid": agent,
        "redirect_uri": entry.redirect,
        "state": entry.state,
    }
    return f"https://login.work.weixin.qq.com/wwlogin/sso/login?{urlencode(asked)}"


GATEWAY: Final = Gateway(PLATFORM, WeComStaff, page, Label("企业微信", "WeCom"))
