"""An official account's people and what they do there: followers in pages, pushes in XML, plain or sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from tandem.catalog.label import Label
from tandem.connectors.kit import envelopes
from tandem.connectors.kit.algorithms import NotGenuine
from tandem.connectors.kit.failures import Lasting
from tandem.connectors.kit.manifest import Manifest, Rate, Setting
from tandem.connectors.kit.platform import Asking, Page, Platform, Push, Pushes, Resource, Seen, Window
from tandem.connectors.kit.values import listed, member, texts
from tandem.connectors.kit.wechat import fields, sealed_in, token_signed
from tandem.connectors.kit.wire import Call, Credentials
from tandem.connectors.wechat_oa.mapping import read_event, read_followers
from tandem.connectors.wechat_shop.connector import judge, refresh
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Delivery, not_verified
from tandem.stream.sources.mapping import Mapped

DETAILS_AT_ONCE: Final = 100
PAGE_SIZE: Final = 1000
"""Followers whose details are asked for with one list of 10,000 ids: lists are the scarcer calls."""
NOBODY: Final = {"40003", "46004"}

MANIFEST: Final = Manifest(
    name="wechat_oa",
    label=Label("微信公众号", "WeChat official account"),
    auth="client_credentials",
    hosts={"api": "https://api.weixin.qq.com"},
    settings=(
        Setting("app_id", Label("AppID", "App id"), pattern=r"wx[0-9a-zA-Z]{6,30}"),
        Setting(
            "union_scope",
            Label("unionid 绑定主体", "Union id binding"),
            required=False,
            help=Label("与其他微信应用绑定在同一开放平台时留空。", "Empty when bound to the same open platform as your other WeChat apps."),
        ),
        Setting("app_secret", Label("AppSecret", "App secret"), secret=True),
        Setting("token", Label("服务器配置的 Token", "Token of the server settings"), secret=True),
        Setting(
            "encoding_aes_key",
            Label("EncodingAESKey", "EncodingAESKey"),
            secret=True,
            required=False,
            help=Label("填写后只接受安全模式的推送。", "Once given, only sealed pushes are accepted."),
        ),
    ),
    capabilities=frozenset({"customers", "messages"}),
    push="webhook",
    money="fen",
    time="seconds",
    rates={"": Rate(20, 60)},
    sheet="wechat_oa.md: high",
    shares=("wechat_shop",),
)  # fmt: skip


def _get(asking: Asking, path: str, params: Mapping[str, Any]) -> Any:
    return asking.call(Call(path, params, "GET", f"/cgi-bin/{path}"))


def followers(asking: Asking, window: Window, at: str | None) -> Page:
    """A thousand followers. The list tells no changes, so all are read; `at` is where the list of ids begins, and the place in it."""
    del window
    begin, _, place = (at or ":0").rpartition(":")
    found = _get(asking, "user/get", {"next_openid": begin} if begin else {})
    ids = texts(member(found, "data"), "openid")
    some = ids[int(place) : int(place) + PAGE_SIZE]
    people = [
        one
        for first in range(0, len(some), DETAILS_AT_ONCE)
        for one in _details(asking, some[first : first + DETAILS_AT_ONCE])
    ]
    following: str | None = None
    if int(place) + PAGE_SIZE < len(ids):
        following = f"{begin}:{int(place) + PAGE_SIZE}"
    elif (
        ids
        and found.get("next_openid")
        and int(found.get("count") or 0) < int(found.get("total") or 0)
        and len(ids) >= 10_000
    ):
        following = f"{found['next_openid']}:0"
    return Page({"people": people}, len(people), following)


def _details(asking: Asking, ids: list[str]) -> list[dict[str, Any]]:
    params = {"user_list": [{"openid": one, "lang": "zh_CN"} for one in ids]}
    return listed(asking.call(Call("user/info/batchget", params, path="/cgi-bin/user/info/batchget")), "user_info_list")


def one_follower(asking: Asking, openid: str) -> Any:
    """One person, as a page of one; empty where the platform knows her no more."""
    try:
        return {"people": [_get(asking, "user/info", {"openid": openid, "lang": "zh_CN"})]}
    except Lasting as failure:
        if failure.platform_code in NOBODY:
            return {"people": []}
        raise


def check(asking: Asking) -> Mapping[str, Any]:
    """How many follow the account: a token alone does not say that it may ask for them."""
    found = _get(asking, "user/get", {})
    return {"shop": str(asking.credentials.settings["app_id"]), "followers": int(found.get("total") or 0)}


# ------------------------------------------------------------------------------------------------------------- pushes


def _message(given: Credentials, query: Mapping[str, str], body: Any) -> dict[str, str]:
    """A push's fields, verified. Raises NotGenuine, ValueError. With a sealing key what is not sealed is nobody's."""
    token, key = given.secrets.get("token", ""), given.secrets.get("encoding_aes_key", "")
    stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if key:
        sealed = sealed_in(body)
        if not token or not envelopes.is_signed(query.get("msg_signature", ""), token, stamp, nonce, sealed):
            raise NotGenuine("the signature is not right")
        return fields(envelopes.opened(key, sealed, receiver_id=str(given.settings["app_id"])).message)
    if not token or not envelopes.is_signed(query.get("signature", ""), token, stamp, nonce):
        raise NotGenuine("the signature is not right")
    return fields(body.decode() if isinstance(body, bytes) else str(body))


def verify(given: Credentials, delivery: Delivery) -> None:
    """The signature, over the sealed text where there is one. Raises NotVerified."""
    try:
        _message(given, delivery.query, delivery.body)
    except (NotGenuine, ValueError) as error:
        raise not_verified() from error


def challenge(given: Credentials, query: Mapping[str, str]) -> tuple[str, str]:
    """The address check: the echo as it came, which is never sealed. Raises NotVerified."""
    token = given.secrets.get("token", "")
    signed = envelopes.is_signed(query.get("signature", ""), token, query.get("timestamp", ""), query.get("nonce", ""))
    if not token or not signed or not query.get("echostr"):
        raise not_verified()
    return query["echostr"], "text/plain"


def read_push(push: Push, given: Credentials, seen: Seen) -> Iterable[Mapped | Refused]:
    """What happened, and whose details to fetch."""
    key = given.secrets.get("encoding_aes_key", "")
    text = push.body.decode() if isinstance(push.body, bytes) else str(push.body)
    if key:
        text = envelopes.opened(key, sealed_in(text), receiver_id=str(given.settings["app_id"])).message
    return list(read_event(fields(text), seen))


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=token_signed,
    judge=judge,
    refresh=refresh,
    check=check,
    resources=(Resource("customers", followers, read_followers, one_follower, every_seconds=86_400, windowed=False),),
    # An empty answer or this word: anything else is delivered again, three times in all.
    pushes=Pushes(verify, read_push, reply=lambda _given, _delivery: ("success", "text/plain"), challenge=challenge),
)
