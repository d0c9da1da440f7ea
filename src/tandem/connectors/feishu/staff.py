"""Feishu as the company's directory: departments and members in pages, sign-in by authorisation code with a verifier, cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from tandem.catalog.label import Label
from tandem.connectors.feishu.connector import PLATFORM, USER_TOKEN, WHO
from tandem.connectors.kit.staff import Asked, Gateway
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.values import listed, member, texts, word
from tandem.connectors.kit.wire import Call
from tandem.domains.directory.gateway import Card, Department, DirectoryFailure, Entry, Person

ROOT: Final = "0"
PAGE_SIZE: Final = 50
PAGES_MAX: Final = 2_000
#: No such user; not one of those whom the application may see; not of this tenant.
GONE: Final = frozenset({"41012", "41050", "40003", "230001", "230013"})
IDS: Final[Mapping[str, Any]] = {"department_id_type": "open_department_id", "user_id_type": "open_id"}


class FeishuStaff(Asked):
    """One tenant's directory. Implements `directory.gateway.StaffLine`."""

    gone = GONE

    def _get(self, name: str, path: str, params: Mapping[str, Any]) -> Any:
        return self._call(Call(name, params, "GET", path))

    def _pages(self, name: str, path: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token = ""
        for _ in range(PAGES_MAX):
            page = self._get(name, path, {**params, "page_size": PAGE_SIZE, **({"page_token": token} if token else {})})
            found += listed(page, "items")
            token = word(page, "page_token")
            if not page.get("has_more") or not token:
                return found
        raise DirectoryFailure("refused", f"{name} has too many pages")

    def _tree(self) -> list[dict[str, Any]]:
        return self._pages(
            "contact/v3/departments", f"/contact/v3/departments/{ROOT}/children", {**IDS, "fetch_child": "true"}
        )

    def departments(self) -> list[Department]:
        """The whole tree below the company."""
        found = [Department(ROOT, "", "")]
        found += [
            Department(word(one, "open_department_id"), word(one, "parent_department_id") or ROOT, word(one, "name"))
            for one in self._tree()
            if not member(one, "status").get("is_deleted")
        ]
        return found

    def members(self, departments: Sequence[Department]) -> list[Person]:
        """Everybody, department by department."""
        led: dict[str, list[str]] = {}
        for one in self._tree():
            led.setdefault(word(one, "leader_user_id"), []).append(word(one, "open_department_id"))
        found: dict[str, Person] = {}
        for department in departments:
            for one in self._pages(
                "contact/v3/users", "/contact/v3/users/find_by_department", {**IDS, "department_id": department.id}
            ):
                person = _person(one, led.get(word(one, "open_id"), []))
                found[person.member] = person
        return list(found.values())

    def member(self, member: str) -> Person | None:
        """One of them, with the departments that she leads among her own."""
        try:
            found = self._get("contact/v3/users", f"/contact/v3/users/{quote(member, safe='')}", IDS)
        except DirectoryFailure as failure:
            if failure.why == "gone":
                return None
            raise
        one = _first(found, "user")
        leads = [
            department
            for department in texts(one, "department_ids")
            if department != ROOT and word(self._department(department), "leader_user_id") == member
        ]
        return _person(one, leads)

    def _department(self, department: str) -> dict[str, Any]:
        return _first(
            self._get("contact/v3/departments", f"/contact/v3/departments/{quote(department, safe='')}", IDS),
            "department",
        )

    def who(self, code: str, verifier: str, redirect: str) -> str:
        """The user who came by a code: the code, where it led and the browser's own secret must belong together (RFC 7636)."""
        asked = {"code": code, "redirect_uri": redirect, "code_verifier": verifier}
        given = self._call(Call(USER_TOKEN, asked, path="/authen/v2/oauth/token"), quiet=True)
        me = self._call(Call(WHO, {"token": word(given, "access_token")}, "GET", "/authen/v1/user_info"), quiet=True)
        return word(me, "open_id")

    def send(self, address: str, card: Card) -> None:
        """An interactive card; a repeat with the same key within the hour is the same card there (`uuid`)."""
        content = {
            "config": {"wide_screen_mode": True},
            "header": {"title": {"tag": "plain_text", "content": card.title}},
            "elements": [
                {"tag": "div", "text": {"tag": "plain_text", "content": "\n".join(card.lines)}},
                {"tag": "action", "actions": [{"tag": "button", "type": "primary", "url": card.url, "text": {"tag": "plain_text", "content": card.button}}]},
            ],
        }  # fmt: skip
        asked = {
            "receive_id_type": "open_id", "receive_id": address, "msg_type": "interactive", "content": compact(content), "uuid": card.key[:50],
        }  # fmt: skip
        self._call(Call("im/v1/messages", asked, path="/im/v1/messages"))


def _first(found: Any, name: str) -> dict[str, Any]:
    one: Any = found.get(name) if isinstance(found, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(one, dict):
        raise DirectoryFailure("refused", f"no {name} in the answer")
    return one  # pyright: ignore[reportUnknownVariableType]


def _person(one: Mapping[str, Any], leads: Sequence[str]) -> Person:
    status = member(one, "status")
    out = any(status.get(name) for name in ("is_frozen", "is_resigned", "is_exited"))
    return Person(
        member=word(one, "open_id"),
        name=word(one, "name") or word(one, "open_id"),
        departments=texts(one, "department_ids"),
        position=word(one, "job_title"),
        leads=leads,
        active=not out,
        mobile=word(one, "mobile").removeprefix("+86"),
        email=word(one, "enterprise_email") or word(one, "email"),
        address=word(one, "open_id"),
    )


def page(config: Mapping[str, Any], entry: Entry) -> str:
    """One page for both: inside of Feishu it asks nothing."""
    asked = {
        "client_id": str(config.get("app_id") or ""), "redirect_uri": entry.redirect, "response_type": "code", "state": entry.state,
        "code_challenge": entry.challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"https://accounts.feishu.cn/open-apis/authen/v1/authorize?{urlencode(asked)}"


GATEWAY: Final = Gateway(PLATFORM, FeishuStaff, page, Label("飞书", "Feishu"))
