"""A DingTalk company as a simulator: departments, members, sign-in, work notices; events sealed and signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from tandem.connectors.kit.envelopes import sealed, signature
from tandem.connectors.kit.texts import compact
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, token
from tandem.connectors.simulator.company import ACTS, Company, Employee, company_of
from tandem.connectors.simulator.world import Order

SETTINGS: Final = {"app_key": "dingsimulated0key", "agent_id": "2700001"}
SECRETS: Final = {
    "app_secret": "simulated-dingtalk-secret",
    "callback_token": "simulatedtoken",
    "encoding_aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
}
EVENTS: Final = {
    "hire": "user_add_org",
    "move": "user_modify_org",
    "disable": "user_modify_org",
    "leave": "user_leave_org",
}
PAGE_MAX: Final = 100


class _Refusal(Exception):
    def __init__(self, code: int, told: str) -> None:
        super().__init__(told)
        self.code, self.told = code, told


def _shown(company: Company, one: Employee, department: int | None) -> dict[str, Any]:
    base: dict[str, Any] = {
        "userid": one.id, "unionid": f"union-{one.id}", "name": one.name, "dept_id_list": one.departments, "title": one.title,
        "mobile": one.mobile, "active": True, "email": "",
    }  # fmt: skip
    if department is not None:
        return base | {"leader": one.leads}
    return base | {
        "leader_in_dept": [
            {"dept_id": each, "leader": one.leads} for each in one.departments if each in company.departments
        ]
    }


class DingTalk:
    """The simulated platform."""

    name: ClassVar[str] = "dingtalk"
    acts: ClassVar[frozenset[str]] = ACTS

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call, on the older host or the newer one."""
        if asked.host == "oapi":
            return self._older(shop, asked)
        found = {
            "/v1.0/oauth2/accessToken": self._token,
            "/v1.0/oauth2/userAccessToken": self._user_token,
            "/v1.0/contact/users/me": self._me,
        }.get(asked.path)
        return (
            _newer(404, "InvalidAction.NotFound", "Specified api is not found") if found is None else found(shop, asked)
        )

    def _token(self, shop: Shop, asked: Asked) -> Said:
        body = asked.json()
        if (body.get("appKey"), body.get("appSecret")) != (shop.settings["app_key"], shop.secrets["app_secret"]):
            return _newer(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        shop.calls.append("refresh")
        return Said({"accessToken": token(shop, "access", shop.token_seconds), "expireIn": shop.token_seconds})

    def _user_token(self, shop: Shop, asked: Asked) -> Said:
        body, company = asked.json(), company_of(shop)
        if (body.get("clientId"), body.get("clientSecret")) != (shop.settings["app_key"], shop.secrets["app_secret"]):
            return _newer(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        given = company.take(str(body.get("code")), shop.now())
        if given is None:
            return _newer(400, "invalidParameter.authCode.notFound", "不存在的临时授权码")
        return Said({"accessToken": company.token_of(given["who"]), "refreshToken": "r", "expireIn": 7200})

    def _me(self, shop: Shop, asked: Asked) -> Said:
        company = company_of(shop)
        who = company.tokens.get(asked.headers.get("x-acs-dingtalk-access-token", ""))
        if who is None:
            return _newer(401, "InvalidAuthentication", "不合法的access_token")
        name = company.people[who].name if who in company.people else ""
        return Said({"nick": name, "unionId": f"union-{who}", "openId": f"o{who}"})

    def _older(self, shop: Shop, asked: Asked) -> Said:
        if not holds(shop, asked.query.get("access_token", "")):
            return Said({"errcode": 40014, "errmsg": "不合法的access_token"})
        found = OPERATIONS.get(asked.path)
        if found is None:
            return Said({"errcode": 22, "errmsg": "不存在的方法名"})
        shop.calls.append(asked.path.removeprefix("/topapi/"))
        try:
            return Said({"errcode": 0, "errmsg": "ok", **found(company_of(shop), asked.json())})
        except _Refusal as refusal:
            return Said({"errcode": refusal.code, "errmsg": refusal.told})

    def throttled(self) -> Said:
        """Too many calls."""
        return Said({"errcode": 90018, "errmsg": "您的服务器调用钉钉开放平台所有接口的请求都被暂时禁用了"})

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """Nothing is sold here."""
        del shop, order
        return ()

    def act(self, shop: Shop, what: str, query: Mapping[str, str]) -> Any:
        """Somebody comes, moves, leaves or signs in. Raises KeyError."""
        return company_of(shop).act(what, dict(query), shop.now())

    def callbacks(self, shop: Shop) -> Iterable[Pushed]:
        """What waits to be told, oldest first; each is taken once."""
        events = company_of(shop).events
        while events:
            one = events.popleft()
            told = {
                "EventType": EVENTS[one["what"]],
                "TimeStamp": str(one["at"]),
                "UserId": [one["member"]],
                "CorpId": "dingcorp",
            }
            yield pushed(shop, told)


def pushed(shop: Shop, event: Mapping[str, Any]) -> Pushed:
    """An event as DingTalk posts it."""
    text = compact(dict(event))
    random = hashlib.sha256(f"{shop.world.seed}|{text}".encode()).digest()[:16]
    whole = sealed(shop.secrets["encoding_aes_key"], text, receiver_id=shop.settings["app_key"], random=random)
    stamp, nonce = str(int(shop.now().timestamp() * 1000)), hashlib.sha256(whole.encode()).hexdigest()[:10]
    query = {
        "msg_signature": signature(shop.secrets["callback_token"], stamp, nonce, whole),
        "timestamp": stamp,
        "nonce": nonce,
    }
    return Pushed({"content-type": "application/json"}, query, compact({"encrypt": whole}).encode())


def _newer(status: int, code: str, told: str) -> Said:
    return Said({"code": code, "message": told, "requestid": "simulated"}, status)


def _department(company: Company, given: Mapping[str, Any]) -> int:
    number = int(given.get("dept_id") or 0)
    if number not in company.departments:
        raise _Refusal(60003, "部门不存在")
    return number


def _list_below(company: Company, given: Mapping[str, Any]) -> dict[str, Any]:
    number = _department(company, given)
    rows = [
        {"dept_id": one, "name": name, "parent_id": above}
        for one, (name, above) in company.departments.items()
        if above == number
    ]
    return {"result": rows}


def _get_department(company: Company, given: Mapping[str, Any]) -> dict[str, Any]:
    number = _department(company, given)
    name, above = company.departments[number]
    return {"result": {"dept_id": number, "name": name, "parent_id": above}}


def _list_users(company: Company, given: Mapping[str, Any]) -> dict[str, Any]:
    number, cursor, size = _department(company, given), int(given.get("cursor") or 0), int(given.get("size") or 0)
    if not 0 < size <= PAGE_MAX:
        raise _Refusal(33001, "size超出范围")
    people = company.of_department(number)
    some = [_shown(company, one, number) for one in people[cursor : cursor + size]]
    more = cursor + size < len(people)
    return {"result": {"list": some, "has_more": more, **({"next_cursor": cursor + size} if more else {})}}


def _get_user(company: Company, given: Mapping[str, Any]) -> dict[str, Any]:
    one = company.people.get(str(given.get("userid")))
    if one is None:
        raise _Refusal(60121, "找不到该用户")
    return {"result": _shown(company, one, None)}


def _by_union(company: Company, given: Mapping[str, Any]) -> dict[str, Any]:
    who = str(given.get("unionid")).removeprefix("union-")
    if who not in company.people:
        raise _Refusal(60121, "找不到该用户")
    return {"result": {"contact_type": 0, "userid": who}}


def _notice(company: Company, given: Mapping[str, Any]) -> dict[str, Any]:
    if str(given.get("agent_id")) != SETTINGS["agent_id"]:
        raise _Refusal(40089, "不合法的agent_id")
    message, who = json.loads(str(given.get("msg") or "{}")), str(given.get("userid_list"))
    if any(one["to"] == who and one["message"] == message for one in company.sent):
        raise _Refusal(33013, "相同内容的消息，一天内一个用户只能接收一次")
    company.sent.append({"to": who, "message": message})
    return {"task_id": 100_000 + len(company.sent), "request_id": "simulated"}


OPERATIONS: Final[dict[str, Callable[[Company, Mapping[str, Any]], dict[str, Any]]]] = {
    "/topapi/v2/department/listsub": _list_below,
    "/topapi/v2/department/get": _get_department,
    "/topapi/v2/user/list": _list_users,
    "/topapi/v2/user/get": _get_user,
    "/topapi/user/getbyunionid": _by_union,
    "/topapi/message/corpconversation/asyncsend_v2": _notice,
}
SIMULATOR: Final = DingTalk()
