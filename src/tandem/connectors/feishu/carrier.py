"""Feishu: an application's message to one person. A token in the header, one call for a message.

Source: facts of `POST /open-apis/im/v1/messages` (its `uuid` lets one message through within an hour), not run against the real platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from tandem.catalog.label import Label
from tandem.connectors.kit.carrying import Tokens, body_of, judged, post, renewed
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.wire import Request
from tandem.domains.messaging.channel import AnswerLost, ChannelDown, Delivery
from tandem.domains.messaging.providers import Addressed, Keys, Provider, ProviderSetting, register_provider

HOST: Final = "https://open.feishu.cn/open-apis"
JSON: Final = {"content-type": "application/json; charset=utf-8"}
EXPIRED: Final = {99991661, 99991663, 99991668}
OF_THE_MESSAGE: Final = {
    230001: "bad_address",
    230013: "refused_by_receiver",
    230034: "bad_address",
    230025: "too_long",
}
OF_THE_ACCOUNT: Final = EXPIRED | {99991672, 99991679, 230006, 230027, 10003, 10014}
AGAIN: Final = {99991400, 230020, 11232, 11233}
tokens: Final = Tokens()


def _token(keys: Keys, *, fresh: bool = False) -> str:
    app, secret = str(keys.settings["app_id"]), keys.secrets["app_secret"]

    def ask() -> tuple[str, float]:
        body = compact({"app_id": app, "app_secret": secret}).encode()
        request = Request("POST", f"{HOST}/auth/v3/tenant_access_token/internal", {}, JSON, body)
        found = cast("dict[str, Any]", body_of(post(request)))
        if not found.get("tenant_access_token"):
            raise ChannelDown(f"token_{found.get('code')}")
        return str(found["tenant_access_token"]), float(found.get("expire") or 7200)

    return tokens.of((app, secret), ask, fresh=fresh)


def send(keys: Keys, message: Addressed) -> Delivery:
    """One text to one person. A repeat with the same key within the hour is the same message there. Raises ChannelDown, AnswerLost."""
    asked = {
        "receive_id": message.address,
        "msg_type": "text",
        "content": compact({"text": message.text}),
        "uuid": message.key.hex,
    }

    def ask(fresh: bool) -> dict[str, Any]:  # noqa: FBT001 - of two ways
        headers = {**JSON, "authorization": f"Bearer {_token(keys, fresh=fresh)}"}
        query = {"receive_id_type": "open_id"}
        request = Request("POST", f"{HOST}/im/v1/messages", query, headers, compact(asked).encode())
        return cast("dict[str, Any]", body_of(post(request)))

    return _said(message, renewed(ask, lambda found: found.get("code") in EXPIRED))


def _said(message: Addressed, found: Mapping[str, Any]) -> Delivery:
    code = found.get("code")
    if code == 0:
        return Delivery(message.key, "sent")
    if not isinstance(code, int):
        raise AnswerLost("answer_not_understood")
    return judged(
        message, f"code_{code}", reason=OF_THE_MESSAGE.get(code), down=code in OF_THE_ACCOUNT, again=code in AGAIN
    )


def scope(settings: Mapping[str, Any]) -> str:
    """An open id belongs to one application."""
    return f"feishu:{settings.get('app_id', '')}"


PROVIDER: Final = Provider(
    name="feishu",
    channel="feishu",
    label=Label("飞书应用消息", "Feishu application message"),
    settings=(
        ProviderSetting("app_id", Label("App ID", "App id"), pattern=r"cli_[0-9A-Za-z]{6,40}"),
        ProviderSetting("app_secret", Label("App Secret", "App secret"), secret=True),
    ),
    send=send,
    address="open_id",
    needs_code=False,
    scope=scope,
)
register_provider(PROVIDER)
