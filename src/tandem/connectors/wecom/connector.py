"""WeCom's customer side: a token in the query, customers by member in pages, callbacks in sealed XML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, cast

from tandem.catalog.label import Label
from tandem.connectors.kit import envelopes
from tandem.connectors.kit.algorithms import NotGenuine
from tandem.connectors.kit.failures import ConnectorFailure, Lasting, NotAuthorised, Passing, TooMany, WronglySetUp
from tandem.connectors.kit.manifest import Manifest, Rate, Setting
from tandem.connectors.kit.platform import Asking, Grant, Page, Platform, Push, Pushes, Resource, Seen, Window
from tandem.connectors.kit.values import listed, member, texts
from tandem.connectors.kit.wechat import fields, sealed_in
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status
from tandem.connectors.wecom import conversations
from tandem.connectors.wecom.callbacks import at_once, file_at_once
from tandem.connectors.wecom.callbacks import staff as staff_told
from tandem.connectors.wecom.mapping import read_event, read_people
from tandem.connectors.wecom.media import signed
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Delivery, not_verified
from tandem.stream.sources.mapping import Mapped

#: A token that really ended was seen to be told as 40014 as well as 42001.
EXPIRED: Final = {40001, 40014, 42001}
SET_UP: Final = {40013, 48002, 60011, 60020, 84074}
UNKNOWN: Final = {"40096", "84061"}
"""Nobody's customer (any more)."""
PAGE_SIZE: Final = 100
MEMBERS_AT_ONCE: Final = 100

MANIFEST: Final = Manifest(
    name="wecom",
    label=Label("企业微信", "WeCom"),
    auth="client_credentials",
    hosts={"api": "https://qyapi.weixin.qq.com"},
    settings=(
        Setting("corp_id", Label("企业 ID", "Corp id")),
        Setting("agent_id", Label("应用 AgentId", "Agent id"), required=False),
        Setting(
            "union_scope",
            Label("unionid 绑定主体", "Union id binding"),
            required=False,
            help=Label("与其他微信应用绑定在同一开放平台时留空。", "Empty when bound to the same open platform as your other WeChat apps."),
        ),
        Setting(
            "secret",
            Label("应用 Secret", "App secret"),
            secret=True,
            help=Label("自建应用的 Secret，并在“客户联系—可调用接口的应用”里勾选它。", "Of your own app, listed under customer contact as one that may call."),
        ),
        Setting("callback_token", Label("回调 Token", "Callback token"), secret=True, required=False),
        Setting("encoding_aes_key", Label("EncodingAESKey", "EncodingAESKey"), secret=True, required=False),
        Setting("archive_secret", Label("会话存档 Secret", "Archive secret"), secret=True, required=False),
        Setting(
            "archive_keys",
            Label("会话存档私钥", "Archive private keys"),
            secret=True,
            required=False,
            help=Label(
                "按“版本号:私钥”填写，多个用逗号隔开；旧版本的私钥要一直保留，换行可以不要。",
                "Written as version:private key, several by commas; keys of old versions stay for ever, line breaks do not matter.",
            ),
            pattern=r"[^\x00]{1,40000}",
        ),
    ),
    capabilities=frozenset({"customers", "messages", "directory"}),
    push="webhook",
    money="fen",
    time="seconds",
    rates={"": Rate(100, 300)},
    sheet="wecom.md: sealed callbacks high, data high",
    imports=("httpx", "msgspec"),
)  # fmt: skip


def judge(call: Call, answer: Answer) -> Any:
    """The body of a successful answer. Raises ConnectorFailure."""
    if answer.status != 200:
        check_status(answer)
    body = cast("dict[str, Any]", answer.json())
    if not body.get("errcode"):
        return body
    raise failure_of(body, of_token=call.operation == "token")


def failure_of(body: Mapping[str, Any], *, of_token: bool = False) -> ConnectorFailure:
    """WeCom's error in our words."""
    code, told = int(body.get("errcode") or 0), str(body.get("errmsg") or "")
    if code in SET_UP or (of_token and code in EXPIRED):
        return WronglySetUp(told, platform_code=str(code))
    if code in EXPIRED:
        return NotAuthorised(told, platform_code=str(code), expired=True)
    if code == 45009:
        # The penalty is as long as the window that was overrun; the shortest is a minute.
        return TooMany(told, platform_code=str(code), retry_after_seconds=60)
    if code == 45033:
        return TooMany(told, platform_code=str(code), retry_after_seconds=1)
    return Passing(told, platform_code=str(code)) if code == -1 else Lasting(told, platform_code=str(code))


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """A token of the application. Fetched once for all processes: whoever asks often is blocked."""
    del grant
    query = {"corpid": str(given.settings["corp_id"]), "corpsecret": given.secrets["secret"]}
    found = judge(Call("token"), send(Request("GET", f"{given.base['api']}/cgi-bin/gettoken", query)))
    return Grant(str(found["access_token"]), given.now + timedelta(seconds=int(found["expires_in"])))


def _ask(asking: Asking, name: str, params: Mapping[str, Any], method: str = "POST") -> Any:
    return asking.call(Call(name, params, method, f"/cgi-bin/{name}"))


def customers(asking: Asking, window: Window, at: str | None) -> Page:
    """Customers of some members at a time. The API tells no changes, so all are read: what callbacks missed is found (D 96361)."""
    del window
    members = texts(_ask(asking, "externalcontact/get_follow_user_list", {}, "GET"), "follow_user")
    place, _, cursor = (at or "0:").partition(":")
    begin = int(place)
    some = members[begin : begin + MEMBERS_AT_ONCE]
    if not some:
        return Page({"people": []}, 0)
    found = _ask(
        asking, "externalcontact/batch/get_by_user", {"userid_list": some, "cursor": cursor, "limit": PAGE_SIZE}
    )
    people: dict[str, dict[str, Any]] = {}
    for one in listed(found, "external_contact_list"):
        person = member(one, "external_contact")
        people.setdefault(str(person["external_userid"]), {"person": person, "follows": []})["follows"].append(
            member(one, "follow_info")
        )
    following = f"{begin}:{found['next_cursor']}" if found.get("next_cursor") else None
    if following is None and begin + MEMBERS_AT_ONCE < len(members):
        following = f"{begin + MEMBERS_AT_ONCE}:"
    return Page({"people": list(people.values())}, len(people), following)


def one_customer(asking: Asking, external: str) -> Any:
    """One customer with all who follow her, as a page of one, and since when it is true; empty when she is nobody's any more."""
    began = asking.credentials.now
    follows: list[dict[str, Any]] = []
    cursor, found = "", cast("dict[str, Any]", {})
    while True:
        try:
            found = _ask(
                asking,
                "externalcontact/get",
                {"external_userid": external, **({"cursor": cursor} if cursor else {})},
                "GET",
            )
        except Lasting as failure:
            if failure.platform_code in UNKNOWN:
                return {"people": []}
            raise
        follows += listed(found, "follow_user")
        cursor = str(found.get("next_cursor") or "")
        if not cursor:
            people = [{"person": member(found, "external_contact"), "follows": follows}]
            return {"people": people, "read_at": began.isoformat()}


def check(asking: Asking) -> Mapping[str, Any]:
    """How many members have customers: a token alone does not say that the application may ask."""
    members = texts(_ask(asking, "externalcontact/get_follow_user_list", {}, "GET"), "follow_user")
    return {"shop": str(asking.credentials.settings["corp_id"]), "members": len(members)}


# ---------------------------------------------------------------------------------------------------------- callbacks


def _check_signature(given: Credentials, query: Mapping[str, str], sealed: str) -> None:
    token = given.secrets.get("callback_token", "")
    if not token or not envelopes.is_signed(
        query.get("msg_signature", ""), token, query.get("timestamp", ""), query.get("nonce", ""), sealed
    ):
        raise not_verified()


def _open(given: Credentials, sealed: str) -> str:
    key, corp = given.secrets.get("encoding_aes_key", ""), str(given.settings["corp_id"])
    return envelopes.opened(key, sealed, receiver_id=corp).message


def verify(given: Credentials, delivery: Delivery) -> None:
    """The signature over the sealed text, and that it opens for our corporation: a replay for another is refused."""
    try:
        sealed = sealed_in(delivery.body)
        _check_signature(given, delivery.query, sealed)
        _open(given, sealed)
    except (NotGenuine, ValueError) as error:
        raise not_verified() from error


def challenge(given: Credentials, query: Mapping[str, str]) -> tuple[str, str]:
    """The address check: the echo, opened, and nothing around it."""
    try:
        _check_signature(given, query, query["echostr"])
        return _open(given, query["echostr"]), "text/plain"
    except NotGenuine as error:
        raise not_verified() from error


def hasty(push: Push, given: Credentials, seen: Seen) -> Sequence[object]:
    """The call for a welcome, or the word that somebody left, if this is one."""
    return at_once(fields(_open(given, sealed_in(push.body))), seen)


def read_push(push: Push, given: Credentials, seen: Seen) -> Iterable[Mapped | Refused]:
    """What happened, and whose page to fetch."""
    message = fields(_open(given, sealed_in(push.body)))
    return [*read_event(message, seen), *staff_told(message, seen)]


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=signed,
    judge=judge,
    refresh=refresh,
    check=check,
    resources=(
        Resource("customers", customers, read_people, one_customer, every_seconds=3600, windowed=False),
        Resource(
            conversations.RESOURCE,
            conversations.nothing,
            conversations.read,
            every_seconds=86_400,
            windowed=False,
            feed=conversations.FEED,
        ),
    ),
    # An empty 200: anything else is delivered again, three times in all.
    pushes=Pushes(
        verify,
        read_push,
        reply=lambda _given, _delivery: ("", "text/plain"),
        challenge=challenge,
        at_once=hasty,
        file_at_once=file_at_once,
    ),
)
