"""Feishu as an office: a tenant token in the header, events in JSON, sealed and signed. People and departments only.

Sources: the fact sheet (tokens, events, sealing); paths, fields and codes of contacts and sign-in as published at open.feishu.cn. Not run
against the real platform.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, cast

import msgspec

from tandem.catalog.label import Label
from tandem.connectors.feishu.signing import event_signature, open_event
from tandem.connectors.kit.algorithms import NotGenuine
from tandem.connectors.kit.failures import ConnectorFailure, Lasting, NotAuthorised, Passing, TooMany, WronglySetUp
from tandem.connectors.kit.manifest import Manifest, Rate, Setting
from tandem.connectors.kit.platform import Asking, Grant, Platform, Push, Pushes, Seen
from tandem.connectors.kit.texts import compact, same
from tandem.connectors.kit.values import epoch, member, word
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status
from tandem.domains.directory.news import KIND, Told, file_news, named
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Delivery, not_verified
from tandem.stream.sources.mapping import Mapped

JSON: Final = {"content-type": "application/json; charset=utf-8"}
EXPIRED: Final = {99991661, 99991663, 99991664, 99991668}
SET_UP: Final = {99991672, 99991679, 10003, 10014, 40004, 40014, 230006, 230027}
BUSY: Final = {99991400, 230020, 11232}
USER_TOKEN, WHO = "authen/v2/oauth/token", "authen/v1/user_info"
LEFT: Final = frozenset({"contact.user.deleted_v3"})
CHANGED: Final = frozenset({"contact.user.created_v3", "contact.user.updated_v3"})
PARTS: Final = frozenset(
    {"contact.department.created_v3", "contact.department.updated_v3", "contact.department.deleted_v3"}
)
HANDSHAKE: Final = "url_verification"

MANIFEST: Final = Manifest(
    name="feishu",
    label=Label("飞书", "Feishu"),
    auth="client_credentials",
    hosts={"api": "https://open.feishu.cn/open-apis"},
    settings=(
        Setting("app_id", Label("App ID", "App id"), pattern=r"cli_[0-9A-Za-z]{6,40}"),
        Setting("app_secret", Label("App Secret", "App secret"), secret=True),
        Setting("encrypt_key", Label("事件 Encrypt Key", "Encrypt key of events"), secret=True, required=False),
        Setting(
            "verification_token",
            Label("事件 Verification Token", "Verification token of events"),
            secret=True,
            required=False,
        ),
    ),
    capabilities=frozenset({"directory"}),
    push="webhook",
    money="yuan",
    time="milliseconds",
    rates={"": Rate(20, 50)},
    sheet="feishu.md: events high; people and sign-in as published",
    imports=("msgspec",),
)


def sign(call: Call, given: Credentials) -> Request:
    """The tenant's token in a header; who somebody is is asked with her own."""
    params = dict(call.params)
    url = f"{given.base['api']}{call.path}"
    if call.operation == USER_TOKEN:
        params |= {
            "grant_type": "authorization_code",
            "client_id": str(given.settings["app_id"]),
            "client_secret": given.secrets["app_secret"],
        }
        return Request("POST", url, {}, JSON, compact(params).encode())
    token = str(params.pop("token", "")) or given.token
    headers = {**JSON, "authorization": f"Bearer {token}"}
    if call.method == "GET":
        return Request("GET", url, {name: str(value) for name, value in params.items()}, headers)
    query = {name: str(params.pop(name)) for name in ("receive_id_type",) if name in params}
    return Request(call.method, url, query, headers, compact(params).encode())


def judge(call: Call, answer: Answer) -> Any:
    """What stands in a successful answer's `data`, or beside it. Raises ConnectorFailure."""
    if answer.status == 429 or answer.status >= 500:
        check_status(answer)
    body = cast("dict[str, Any]", answer.json())
    code = body.get("code")
    if code == 0:
        return body.get("data", body)
    if not isinstance(code, int):
        raise Passing(f"HTTP {answer.status}")
    raise failure_of(
        code, str(body.get("msg") or body.get("error_description") or ""), of_person=call.operation in {USER_TOKEN, WHO}
    )


def failure_of(code: int, told: str, *, of_person: bool = False) -> ConnectorFailure:
    """Feishu's error in our words. A person's code or token that does not hold is hers, not the application's."""
    if code in BUSY:
        return TooMany(told, platform_code=str(code), retry_after_seconds=1)
    if code in EXPIRED and not of_person:
        return NotAuthorised(told, platform_code=str(code), expired=True)
    return WronglySetUp(told, platform_code=str(code)) if code in SET_UP else Lasting(told, platform_code=str(code))


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """The tenant's token: asked for again it stays the same until it is nearly over."""
    del grant
    body = compact({"app_id": str(given.settings["app_id"]), "app_secret": given.secrets["app_secret"]}).encode()
    found = cast(
        "dict[str, Any]",
        send(Request("POST", f"{given.base['api']}/auth/v3/tenant_access_token/internal", {}, JSON, body)).json(),
    )
    if not found.get("tenant_access_token"):
        raise WronglySetUp(str(found.get("msg") or ""), platform_code=str(found.get("code") or ""))
    return Grant(str(found["tenant_access_token"]), given.now + timedelta(seconds=int(found.get("expire") or 7200)))


def check(asking: Asking) -> Mapping[str, Any]:
    """The first departments: a token alone does not say that the application may read the directory."""
    params = {"department_id_type": "open_department_id", "page_size": 10}
    found = asking.call(Call("contact/v3/departments", params, "GET", "/contact/v3/departments/0/children"))
    return {"shop": str(asking.credentials.settings["app_id"]), "departments": len(found.get("items") or ())}


# ------------------------------------------------------------------------------------------------------------- events


def _whole(given: Credentials, body: Any) -> dict[str, Any]:
    """A push's JSON, opened where it is sealed. With a key what is not sealed is nobody's. Raises NotGenuine, ValueError."""
    found: Any = json.loads(body) if isinstance(body, bytes | str) else body
    key = given.secrets.get("encrypt_key", "")
    if key:
        sealed = cast("dict[str, Any]", found).get("encrypt") if isinstance(found, dict) else None
        found = json.loads(open_event(key, str(sealed or "")))
    if not isinstance(found, dict):
        raise NotGenuine("an event is an object")
    return cast("dict[str, Any]", found)


def _check(given: Credentials, delivery: Delivery) -> None:
    """Raises NotGenuine, ValueError."""
    key, token = given.secrets.get("encrypt_key", ""), given.secrets.get("verification_token", "")
    whole = _whole(given, delivery.body)
    is_handshake = whole.get("type") == HANDSHAKE
    if key and not is_handshake:
        stamp, nonce = (delivery.headers.get(f"x-lark-request-{one}", "") for one in ("timestamp", "nonce"))
        wanted = event_signature(stamp, nonce, key, delivery.body.decode())
        if not same(delivery.headers.get("x-lark-signature", ""), wanted):
            raise NotGenuine("the signature is not right")
    said = str((whole if is_handshake else member(whole, "header")).get("token") or "")
    if (not key and not token) or (token and not same(said, token)):
        raise NotGenuine("the token is not right")


def verify(given: Credentials, delivery: Delivery) -> None:
    """The signature over the body as it came, and the verification token inside; the handshake is not signed and carries the token."""
    try:
        _check(given, delivery)
    except (NotGenuine, ValueError, RecursionError) as error:
        raise not_verified() from error


def reply(given: Credentials, delivery: Delivery) -> tuple[str, str]:
    """The handshake's own word back, or that it was taken."""
    whole = _whole(given, delivery.body)
    if whole.get("type") == HANDSHAKE:
        return compact({"challenge": str(whole.get("challenge") or "")}), "application/json"
    return '{"code":0}', "application/json"


def _news(whole: Mapping[str, Any], seen: Seen) -> list[Told]:
    """What an event tells of members and departments. Repeated ones bear the same id."""
    header = member(whole, "header")
    kind = word(header, "event_type")
    if kind not in LEFT | CHANGED | PARTS:
        return []
    at = epoch(header, "create_time", 1000) or datetime.now(UTC)
    digest = named(word(header, "event_id"), kind)
    who = word(member(member(whole, "event"), "object"), "open_id")
    if kind in PARTS or not who:
        return [Told(id=digest, source=seen.source, at=at)]
    what: Literal["left", "changed"] = "left" if kind in LEFT else "changed"
    return [Told(id=digest, source=seen.source, at=at, member=who, kind=what)]


def at_once(push: Push, given: Credentials, seen: Seen) -> Sequence[object]:
    """Whoever left is looked into without waiting for the door."""
    return _news(_whole(given, push.body), seen)


def read_push(push: Push, given: Credentials, seen: Seen) -> Iterable[Mapped | Refused]:
    """The same for a door that reads it later."""
    return [
        Mapped(0, KIND, f"staff:{one.id}", one.at, msgspec.to_builtins(one))
        for one in _news(_whole(given, push.body), seen)
    ]


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=sign,
    judge=judge,
    refresh=refresh,
    check=check,
    resources=(),
    pushes=Pushes(verify, read_push, reply=reply, at_once=at_once, file_at_once=file_news),
)
