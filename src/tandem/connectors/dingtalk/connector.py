"""DingTalk as an office: a token of the application in the header or the query, events in sealed JSON. People and departments only.

Sources: the fact sheet (tokens, events, sealing); paths and fields of departments, members and sign-in as published at open.dingtalk.com.
Not run against the real platform.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Literal, cast

import msgspec

from tandem.catalog.label import Label
from tandem.connectors.kit import envelopes
from tandem.connectors.kit.algorithms import NotGenuine
from tandem.connectors.kit.failures import ConnectorFailure, Lasting, NotAuthorised, Passing, TooMany, WronglySetUp
from tandem.connectors.kit.manifest import Manifest, Rate, Setting
from tandem.connectors.kit.platform import Asking, Grant, Platform, Push, Pushes, Seen
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.values import epoch, must, texts, word
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status
from tandem.domains.directory.news import KIND, Told, file_news, named
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Delivery, not_verified
from tandem.stream.sources.mapping import Mapped

JSON: Final = {"content-type": "application/json"}
EXPIRED: Final = {40001, 40014, 42001}
SET_UP: Final = {60011, 60020, 88, 50002, 40089}
BUSY: Final = {90002, 90018, 130101}
LEFT: Final = frozenset({"user_leave_org"})
CHANGED: Final = frozenset({"user_add_org", "user_modify_org", "user_active_org"})
PARTS: Final = frozenset({"org_dept_create", "org_dept_modify", "org_dept_remove"})
USER_TOKEN, WHO = "oauth2/userAccessToken", "contact/users/me"

MANIFEST: Final = Manifest(
    name="dingtalk",
    label=Label("钉钉", "DingTalk"),
    auth="client_credentials",
    hosts={"api": "https://api.dingtalk.com", "oapi": "https://oapi.dingtalk.com"},
    settings=(
        Setting("app_key", Label("AppKey（Client ID）", "App key (client id)"), pattern=r"[0-9A-Za-z_-]{6,64}"),
        Setting("agent_id", Label("AgentId", "Agent id"), pattern=r"\d{1,20}"),
        Setting("app_secret", Label("AppSecret（Client Secret）", "App secret (client secret)"), secret=True),
        Setting("callback_token", Label("事件订阅 Token", "Token of events"), secret=True, required=False),
        Setting("encoding_aes_key", Label("事件订阅 aes_key", "Key of events (aes_key)"), secret=True, required=False),
    ),
    capabilities=frozenset({"directory"}),
    push="webhook",
    money="yuan",
    time="milliseconds",
    rates={"": Rate(15, 30)},
    sheet="dingtalk.md: events high; people and sign-in as published",
    imports=("msgspec",),
)


def sign(call: Call, given: Credentials) -> Request:
    """The older host takes the token in the query, the newer one in a header; who somebody is is asked with her own."""
    params = dict(call.params)
    if call.host == "oapi":
        return Request(
            "POST", f"{given.base['oapi']}{call.path}", {"access_token": given.token}, JSON, compact(params).encode()
        )
    if call.operation == USER_TOKEN:
        params |= {
            "clientId": str(given.settings["app_key"]),
            "clientSecret": given.secrets["app_secret"],
            "grantType": "authorization_code",
        }
        return Request("POST", f"{given.base['api']}{call.path}", {}, JSON, compact(params).encode())
    token = str(params.pop("token", "")) or given.token
    headers = {**JSON, "x-acs-dingtalk-access-token": token}
    body = b"" if call.method == "GET" else compact(params).encode()
    return Request(call.method, f"{given.base['api']}{call.path}", {}, headers, body)


def judge(call: Call, answer: Answer) -> Any:
    """The payload of a successful answer. Raises ConnectorFailure."""
    if call.host == "oapi":
        if answer.status != 200:
            check_status(answer)
        body = cast("dict[str, Any]", answer.json())
        if not body.get("errcode"):
            return body
        raise failure_of(
            int(body.get("sub_code") or body["errcode"]), str(body.get("sub_msg") or body.get("errmsg") or "")
        )
    body = cast("dict[str, Any]", answer.json())
    if answer.status == 200:
        return body
    raise newer_failure(
        str(body.get("code") or answer.status),
        str(body.get("message") or ""),
        of_person=call.operation in {USER_TOKEN, WHO},
    )


def failure_of(code: int, told: str) -> ConnectorFailure:
    """The older host's error in our words."""
    if code in EXPIRED:
        return NotAuthorised(told, platform_code=str(code), expired=True)
    if code in SET_UP:
        return WronglySetUp(told, platform_code=str(code))
    if code in BUSY:
        return TooMany(told, platform_code=str(code), retry_after_seconds=1)
    return Passing(told, platform_code=str(code)) if code == -1 else Lasting(told, platform_code=str(code))


def newer_failure(code: str, told: str, *, of_person: bool) -> ConnectorFailure:
    """The newer host's error in our words. A person's code or token that does not hold is hers, not the application's."""
    if code.startswith("Forbidden.AccessDenied.QpsLimit"):
        return TooMany(told, platform_code=code, retry_after_seconds=1)
    if code.startswith(("ServiceUnavailable", "SystemError", "5")):
        return Passing(told, platform_code=code)
    if not of_person and code == "InvalidAuthentication":
        return NotAuthorised(told, platform_code=code, expired=True)
    return WronglySetUp(told, platform_code=code) if code.startswith("Forbidden") else Lasting(told, platform_code=code)


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """A token of the application, good on both hosts."""
    del grant
    body = compact({"appKey": str(given.settings["app_key"]), "appSecret": given.secrets["app_secret"]}).encode()
    answer = send(Request("POST", f"{given.base['api']}/v1.0/oauth2/accessToken", {}, JSON, body))
    found = cast("dict[str, Any]", answer.json())
    if answer.status != 200 or not found.get("accessToken"):
        raise WronglySetUp(
            str(found.get("message") or f"HTTP {answer.status}"), platform_code=str(found.get("code") or answer.status)
        )
    return Grant(str(found["accessToken"]), given.now + timedelta(seconds=int(found.get("expireIn") or 7200)))


def check(asking: Asking) -> Mapping[str, Any]:
    """The first departments: a token alone does not say that the application may read the directory."""
    found = asking.call(Call("department/listsub", {"dept_id": 1}, path="/topapi/v2/department/listsub", host="oapi"))
    return {"shop": str(asking.credentials.settings["app_key"]), "departments": len(found.get("result") or ())}


# ------------------------------------------------------------------------------------------------------------- events


def _opened(given: Credentials, query: Mapping[str, str], body: Any) -> dict[str, Any]:
    """An event, verified and opened. Raises NotGenuine, ValueError."""
    token, key = given.secrets.get("callback_token", ""), given.secrets.get("encoding_aes_key", "")
    whole: Any = json.loads(body) if isinstance(body, bytes | str) else body
    sealed = str(cast("dict[str, Any]", whole).get("encrypt") or "") if isinstance(whole, dict) else ""
    signed = query.get("msg_signature") or query.get("signature") or ""
    if (
        not token
        or not key
        or not envelopes.is_signed(signed, token, query.get("timestamp", ""), query.get("nonce", ""), sealed)
    ):
        raise NotGenuine("the signature is not right")
    found: Any = json.loads(envelopes.opened(key, sealed, receiver_id=str(given.settings["app_key"])).message)
    if not isinstance(found, dict):
        raise NotGenuine("an event is an object")
    return cast("dict[str, Any]", found)


def verify(given: Credentials, delivery: Delivery) -> None:
    """The signature over the sealed text, and that it opens for our application."""
    try:
        _opened(given, delivery.query, delivery.body)
    except (NotGenuine, ValueError, RecursionError) as error:
        raise not_verified() from error


def reply(given: Credentials, delivery: Delivery) -> tuple[str, str]:
    """The word "success", sealed and signed: anything else is delivered again."""
    key, app = given.secrets["encoding_aes_key"], str(given.settings["app_key"])
    sealed = envelopes.sealed(key, "success", receiver_id=app, random=secrets.token_bytes(envelopes.RANDOM))
    stamp, nonce = delivery.query.get("timestamp", ""), secrets.token_hex(8)
    signature = envelopes.signature(given.secrets["callback_token"], stamp, nonce, sealed)
    return compact(
        {"msg_signature": signature, "timeStamp": stamp, "nonce": nonce, "encrypt": sealed}
    ), "application/json"


def _news(event: Mapping[str, Any], seen: Seen) -> list[Told]:
    """What an event tells of members and departments; it names several at once."""
    kind = str(event.get("EventType") or "")
    if kind not in LEFT | CHANGED | PARTS:
        return []
    digest = named(compact(dict(event)))
    told: dict[str, Any] = {"source": seen.source, "at": must(epoch(dict(event), "TimeStamp", 1000), "TimeStamp")}
    what: Literal["left", "changed"] = "left" if kind in LEFT else "changed"
    people = texts(event, "UserId") or ([word(event, "UserId")] if word(event, "UserId") else [])
    if kind in PARTS or not people:
        return [Told(id=digest, **told)]
    return [Told(id=f"{digest}:{index}", member=one, kind=what, **told) for index, one in enumerate(people)]


def at_once(push: Push, given: Credentials, seen: Seen) -> Sequence[object]:
    """Whoever left is looked into without waiting for the door."""
    return _news(_opened(given, push.query, push.body), seen)


def read_push(push: Push, given: Credentials, seen: Seen) -> Iterable[Mapped | Refused]:
    """The same for a door that reads it later."""
    return [
        Mapped(0, KIND, f"staff:{one.id}", one.at, msgspec.to_builtins(one))
        for one in _news(_opened(given, push.query, push.body), seen)
    ]


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=sign,
    judge=judge,
    refresh=refresh,
    check=check,
    resources=(),
    pushes=Pushes(
        verify,
        read_push,
        reply=reply,
        kept_query=("msg_signature", "signature", "timestamp", "nonce"),
        at_once=at_once,
        file_at_once=file_news,
    ),
)
