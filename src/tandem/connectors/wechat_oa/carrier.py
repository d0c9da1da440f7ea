"""Template messages of an official account and subscription messages of a mini-program: a token in the query, one call for a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from tandem.catalog.label import Label
from tandem.connectors.kit.carrying import Tokens, body_of, judged, post, renewed
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.wire import Request
from tandem.domains.messaging.channel import ChannelDown, Delivery
from tandem.domains.messaging.providers import Addressed, Keys, Provider, ProviderSetting, register_provider
from tandem.kernel.settings import settings

HOST: Final = "https://api.weixin.qq.com"
SIMULATED: Final = "simulated"
"""Set by the demo alone, as no form has it: the account is the simulator's. Without a simulator nothing is sent."""
JSON: Final = {"content-type": "application/json"}
EXPIRED: Final = {40001, 40014, 42001}
OF_THE_MESSAGE: Final = {
    40003: "bad_address",
    40037: "template_refused",
    41030: "template_refused",
    43004: "not_following",
    43101: "refused_by_receiver",
    43019: "refused_by_receiver",
    47003: "template_refused",
}
#: What no message of this account gets past before somebody mends it: keys, our address, permission, a ban, the day's quota.
OF_THE_ACCOUNT: Final = EXPIRED | {
    40013, 40125, 40164, 41001, 41002, 41004, 45009, 48001, 48004, 50001, 50002, 61004, 61007,
}  # fmt: skip
AGAIN: Final = {-1, 45011}
tokens: Final = Tokens()


def _host(keys: Keys) -> str:
    if not keys.settings.get(SIMULATED):
        return HOST
    simulator = settings().simulator_url
    if simulator is None:
        raise ChannelDown("no_simulator")
    return f"{simulator.rstrip('/')}/wechat_oa/api"


def _token(keys: Keys, *, fresh: bool = False) -> str:
    """The account's token. The platform gives every process the same one while it lasts, so each may keep it to itself."""
    app, secret = str(keys.settings["app_id"]), keys.secrets["app_secret"]

    def ask() -> tuple[str, float]:
        asked = {"grant_type": "client_credential", "appid": app, "secret": secret, "force_refresh": False}
        request = Request("POST", f"{_host(keys)}/cgi-bin/stable_token", headers=JSON, body=compact(asked).encode())
        found = cast("dict[str, Any]", body_of(post(request)))
        if not found.get("access_token"):
            raise ChannelDown(f"token_{found.get('errcode')}")
        return str(found["access_token"]), float(found.get("expires_in") or 7200)

    return tokens.of((app, secret), ask, fresh=fresh)


def _body(path: str, message: Addressed, link: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "touser": message.address,
        "template_id": message.code,
        "data": {name: {"value": value} for name, value in message.params},
    }
    if link:
        body["url" if path.startswith("template") else "page"] = link
    return body


def _send(path: str, keys: Keys, message: Addressed) -> Delivery:
    body = compact(_body(path, message, str(keys.settings.get("link") or ""))).encode()

    def ask(fresh: bool) -> dict[str, Any]:  # noqa: FBT001 - of two ways
        query = {"access_token": _token(keys, fresh=fresh)}
        request = Request("POST", f"{_host(keys)}/cgi-bin/message/{path}", query, JSON, body)
        return cast("dict[str, Any]", body_of(post(request)))

    found = renewed(ask, lambda found: int(found.get("errcode") or 0) in EXPIRED)
    code = int(found.get("errcode") or 0)
    if code == 0:
        return Delivery(message.key, "sent", ref=str(found.get("msgid") or "") or None)
    down, again = code in OF_THE_ACCOUNT, code in AGAIN
    return judged(message, f"errcode_{code}", reason=OF_THE_MESSAGE.get(code), down=down, again=again)


def send_template(keys: Keys, message: Addressed) -> Delivery:
    """A template message. Raises ChannelDown, AnswerLost."""
    return _send("template/send", keys, message)


def send_subscription(keys: Keys, message: Addressed) -> Delivery:
    """A subscription message: one for each tap by which she agreed. Raises ChannelDown, AnswerLost."""
    return _send("subscribe/send", keys, message)


def scope(given: Mapping[str, Any]) -> str:
    """An open id belongs to one account."""
    return f"wechat:{given.get('app_id', '')}"


_SETTINGS: Final = (
    ProviderSetting("app_id", Label("AppID", "App id"), pattern=r"wx[0-9a-zA-Z]{6,30}"),
    ProviderSetting("link", Label("点击后打开", "Opens when tapped"), required=False, binds=False),
    ProviderSetting("app_secret", Label("AppSecret", "App secret"), secret=True),
)
OFFICIAL: Final = Provider(
    name="wechat",
    channel="official_account",
    label=Label("微信公众号模板消息", "WeChat template message"),
    settings=_SETTINGS,
    send=send_template,
    address="open_id",
    scope=scope,
)
MINI: Final = Provider(
    name="wechat",
    channel="mini_program",
    label=Label("微信小程序订阅消息", "WeChat subscription message"),
    settings=_SETTINGS,
    send=send_subscription,
    address="open_id",
    scope=scope,
)
register_provider(OFFICIAL)
register_provider(MINI)
