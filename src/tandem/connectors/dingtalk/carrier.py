"""DingTalk: a robot's message to one person. A token in the header, one call for a message.

Source: facts of the platform's robot interface (`/v1.0/robot/oToMessages/batchSend`), not run against the real platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from tandem.catalog.label import Label
from tandem.connectors.kit.carrying import Tokens, body_of, judged, post, renewed
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.wire import Request
from tandem.domains.messaging.channel import ChannelDown, Delivery
from tandem.domains.messaging.providers import Addressed, Keys, Provider, ProviderSetting, register_provider

HOST: Final = "https://api.dingtalk.com"
JSON: Final = {"content-type": "application/json"}
EXPIRED: Final = "InvalidAuthentication"
OF_THE_ACCOUNT: Final = (
    "Forbidden.AccessDenied.IpNotInWhiteList",
    "Forbidden.AccessDenied.AccessTokenPermissionDenied",
    "invalid.robotCode",
    "robot.stopped",
)
AGAIN: Final = ("Forbidden.AccessDenied.QpsLimit", "ServiceUnavailable", "SystemError")
tokens: Final = Tokens()


def _token(keys: Keys, *, fresh: bool = False) -> str:
    app, secret = str(keys.settings["app_key"]), keys.secrets["app_secret"]

    def ask() -> tuple[str, float]:
        body = compact({"appKey": app, "appSecret": secret}).encode()
        found = cast(
            "dict[str, Any]", body_of(post(Request("POST", f"{HOST}/v1.0/oauth2/accessToken", {}, JSON, body)))
        )
        if not found.get("accessToken"):
            raise ChannelDown(f"token_{found.get('code')}"[:80])
        return str(found["accessToken"]), float(found.get("expireIn") or 7200)

    return tokens.of((app, secret), ask, fresh=fresh)


def send(keys: Keys, message: Addressed) -> Delivery:
    """One text to one person of the corporation. Raises ChannelDown, AnswerLost."""
    asked = {
        "robotCode": str(keys.settings.get("robot_code") or keys.settings["app_key"]),
        "userIds": [message.address],
        "msgKey": "sampleText",
        "msgParam": compact({"content": message.text}),
    }

    def ask(fresh: bool) -> dict[str, Any]:  # noqa: FBT001 - of two ways
        headers = {**JSON, "x-acs-dingtalk-access-token": _token(keys, fresh=fresh)}
        request = Request("POST", f"{HOST}/v1.0/robot/oToMessages/batchSend", {}, headers, compact(asked).encode())
        return cast("dict[str, Any]", body_of(post(request)))

    return _said(message, renewed(ask, lambda found: str(found.get("code") or "") == EXPIRED))


def _said(message: Addressed, found: Mapping[str, Any]) -> Delivery:
    """A message that was taken has a number to ask for; the person may still be refused beside it."""
    if found.get("processQueryKey"):
        if message.address in (found.get("invalidStaffIdList") or ()):
            return Delivery(message.key, "failed", "bad_address")
        if message.address in (found.get("flowControlledStaffIdList") or ()):
            return Delivery(message.key, "later", "throttled")
        return Delivery(message.key, "sent")
    code = str(found.get("code") or "")
    down = code == EXPIRED or code.startswith(OF_THE_ACCOUNT)
    return judged(message, code, reason=None, down=down, again=code.startswith(AGAIN))


def scope(settings: Mapping[str, Any]) -> str:
    """A user id belongs to one corporation, which the application stands for."""
    return f"dingtalk:{settings.get('app_key', '')}"


PROVIDER: Final = Provider(
    name="dingtalk",
    channel="dingtalk",
    label=Label("钉钉机器人单聊", "DingTalk robot, one to one"),
    settings=(
        ProviderSetting("app_key", Label("AppKey（Client ID）", "App key (client id)"), pattern=r"[0-9A-Za-z_-]{6,64}"),
        ProviderSetting(
            "robot_code",
            Label("机器人编码（不填则同 AppKey）", "Robot code (the app key when empty)"),
            required=False,
            pattern=r"[0-9A-Za-z_-]{6,64}",
        ),
        ProviderSetting("app_secret", Label("AppSecret（Client Secret）", "App secret (client secret)"), secret=True),
    ),
    send=send,
    address="open_id",
    needs_code=False,
    scope=scope,
)
register_provider(PROVIDER)
