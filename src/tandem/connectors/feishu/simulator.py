"""A Feishu tenant as a simulator: departments and members in pages, sign-in with a verifier, cards; events sealed and signed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from tandem.connectors.feishu.signing import event_signature
from tandem.connectors.kit.ciphers import cbc_encrypt
from tandem.connectors.kit.texts import compact
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, sliced, token
from tandem.connectors.simulator.company import ACTS, Company, Employee, company_of
from tandem.connectors.simulator.world import Order

SETTINGS: Final = {"app_id": "cli_simulated0001"}
SECRETS: Final = {
    "app_secret": "simulated-feishu-secret",
    "encrypt_key": "simulated-encrypt-key",
    "verification_token": "simulated-verification",
}
EVENTS: Final = {
    "hire": "contact.user.created_v3",
    "move": "contact.user.updated_v3",
    "disable": "contact.user.updated_v3",
    "leave": "contact.user.deleted_v3",
}
PAGE_MAX: Final = 50


def _fail(code: int, told: str, status: int = 400) -> Said:
    return Said({"code": code, "msg": told}, status)


def _open(who: str) -> str:
    return f"ou_{who}"


def _place(number: int) -> str:
    return "0" if number == 1 else f"od-{number}"


def _shown(one: Employee) -> dict[str, Any]:
    return {
        "open_id": _open(one.id), "union_id": f"on_{one.id}", "user_id": one.id, "name": one.name, "job_title": one.title,
        "department_ids": [_place(each) for each in one.departments], "mobile": f"+86{one.mobile}" if one.mobile else "",
        "status": {"is_frozen": one.frozen, "is_resigned": False, "is_activated": True, "is_exited": False, "is_unjoin": False},
    }  # fmt: skip


class Feishu:
    """The simulated platform."""

    name: ClassVar[str] = "feishu"
    acts: ClassVar[frozenset[str]] = ACTS

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        path, body = asked.path.removeprefix("/open-apis"), asked.json()
        if path == "/auth/v3/tenant_access_token/internal":
            if (body.get("app_id"), body.get("app_secret")) != (shop.settings["app_id"], shop.secrets["app_secret"]):
                return _fail(10014, "app secret invalid")
            shop.calls.append("refresh")
            made = token(shop, "access", shop.token_seconds)
            return Said({"code": 0, "msg": "ok", "tenant_access_token": made, "expire": shop.token_seconds})
        company = company_of(shop)
        bearer = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if path.startswith("/authen/"):
            return (
                self._user_token(shop, company, body) if path == "/authen/v2/oauth/token" else self._me(company, bearer)
            )
        if not holds(shop, bearer):
            return _fail(99991663, "Invalid access token for authorization. Please make a request with token attached.")
        shop.calls.append(path.lstrip("/"))
        return (
            self._contacts(company, asked, path)
            if path.startswith("/contact/v3/")
            else self._send(company, asked, path, body)
        )

    def _me(self, company: Company, bearer: str) -> Said:
        who = company.tokens.get(bearer)
        if who is None:
            return _fail(20005, "The user access token passed is invalid.", 401)
        return Said(
            {
                "code": 0,
                "data": {"open_id": _open(who), "name": company.people[who].name if who in company.people else ""},
            }
        )

    def _user_token(self, shop: Shop, company: Company, body: Mapping[str, Any]) -> Said:
        if (body.get("client_id"), body.get("client_secret")) != (shop.settings["app_id"], shop.secrets["app_secret"]):
            return Said(
                {"code": 20002, "error": "invalid_client", "error_description": "The client secret is invalid."}, 400
            )
        given = company.take(str(body.get("code")), shop.now())
        if given is None:
            return Said(
                {"code": 20003, "error": "invalid_grant", "error_description": "The authorization code is invalid."},
                400,
            )
        if "challenge" in given:
            made = (
                base64.urlsafe_b64encode(hashlib.sha256(str(body.get("code_verifier")).encode()).digest())
                .decode()
                .rstrip("=")
            )
            if made != given["challenge"]:
                return Said({"code": 20049, "error": "invalid_grant", "error_description": "PKCE check failed."}, 400)
        return Said(
            {"code": 0, "access_token": company.token_of(given["who"]), "expires_in": 7200, "token_type": "Bearer"}
        )

    def _contacts(self, company: Company, asked: Asked, path: str) -> Said:
        parts = path.removeprefix("/contact/v3/").split("/")
        if parts[0] == "departments" and len(parts) == 3:
            rows = [self._department(company, number) for number in company.departments if number != 1]
            return self._page(asked, rows)
        if parts[0] == "departments":
            number = next((one for one in company.departments if _place(one) == parts[1]), None)
            if number is None:
                return _fail(43007, "no such department")
            return Said({"code": 0, "data": {"department": self._department(company, number)}})
        if parts[1:] == ["find_by_department"]:
            wanted = asked.query.get("department_id")
            return self._page(
                asked,
                [
                    _shown(one)
                    for one in company.people.values()
                    if wanted in {_place(each) for each in one.departments}
                ],
            )
        one = company.people.get(parts[1].removeprefix("ou_"))
        return (
            _fail(41012, "user id invalid error") if one is None else Said({"code": 0, "data": {"user": _shown(one)}})
        )

    def _department(self, company: Company, number: int) -> dict[str, Any]:
        name, above = company.departments[number]
        leader = next((one.id for one in company.of_department(number) if one.leads), None)
        return {
            "name": name, "open_department_id": _place(number), "parent_department_id": _place(above),
            "leader_user_id": _open(leader) if leader else "", "status": {"is_deleted": False},
        }  # fmt: skip

    def _page(self, asked: Asked, rows: list[dict[str, Any]]) -> Said:
        size = int(asked.query.get("page_size") or 10)
        if not 0 < size <= PAGE_MAX:
            return _fail(40011, "page size is invalid")
        at = int(asked.query.get("page_token") or 0)
        some, more = sliced(rows, at, size)
        return Said(
            {"code": 0, "data": {"items": some, "has_more": more, **({"page_token": str(at + 1)} if more else {})}}
        )

    def _send(self, company: Company, asked: Asked, path: str, body: Mapping[str, Any]) -> Said:
        who = str(body.get("receive_id")).removeprefix("ou_")
        if path != "/im/v1/messages" or asked.query.get("receive_id_type") != "open_id":
            return _fail(230001, "invalid request")
        if who not in company.people:
            return _fail(230013, "Bot has NO availability to this user.")
        known = {one["uuid"] for one in company.sent}
        if body.get("uuid") not in known:
            company.sent.append({"to": who, "uuid": body.get("uuid"), "message": body.get("content")})
        return Said({"code": 0, "data": {"message_id": f"om_{len(company.sent)}"}})

    def throttled(self) -> Said:
        """Too many calls."""
        return _fail(99991400, "request trigger frequency limit", 400)

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """Nothing is sold here."""
        del shop, order
        return ()

    def act(self, shop: Shop, what: str, query: Mapping[str, str]) -> Any:
        """Somebody comes, moves, leaves or signs in. Raises KeyError."""
        given = dict(query) | {"member": query["member"].removeprefix("ou_")}
        return company_of(shop).act(what, given, shop.now())

    def callbacks(self, shop: Shop) -> Iterable[Pushed]:
        """What waits to be told, oldest first; each is taken once."""
        events = company_of(shop).events
        while events:
            one = events.popleft()
            header = {
                "event_id": f"simulated-{shop.world.seed}-{one['number']}", "event_type": EVENTS[one["what"]], "create_time": str(one["at"]),
                "token": shop.secrets["verification_token"], "app_id": shop.settings["app_id"], "tenant_key": "simulated",
            }  # fmt: skip
            yield pushed(
                shop, {"schema": "2.0", "header": header, "event": {"object": {"open_id": _open(one["member"])}}}
            )

    def handshake(self, shop: Shop, challenge: str) -> Pushed:
        """The check of our address: sealed, not signed."""
        return pushed(
            shop,
            {"type": "url_verification", "challenge": challenge, "token": shop.secrets["verification_token"]},
            signed=False,
        )


def pushed(shop: Shop, event: Mapping[str, Any], *, signed: bool = True) -> Pushed:
    """An event as Feishu posts it."""
    key, text = shop.secrets["encrypt_key"], compact(dict(event))
    vector = hashlib.sha256(f"{shop.world.seed}|{text}".encode()).digest()[:16]
    whole = base64.b64encode(
        vector + cbc_encrypt(hashlib.sha256(key.encode()).digest(), vector, text.encode())
    ).decode()
    body = compact({"encrypt": whole})
    if not signed:
        return Pushed({"content-type": "application/json"}, {}, body.encode())
    stamp, nonce = str(int(shop.now().timestamp())), hashlib.sha256(whole.encode()).hexdigest()[:10]
    headers = {
        "content-type": "application/json", "x-lark-request-timestamp": stamp, "x-lark-request-nonce": nonce,
        "x-lark-signature": event_signature(stamp, nonce, key, body),
    }  # fmt: skip
    return Pushed(headers, {}, body.encode())


SIMULATOR: Final = Feishu()
