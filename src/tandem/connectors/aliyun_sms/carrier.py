"""SMS by Aliyun: one signed call for a message. What a number refuses ends that message, what the account lacks ends the round."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, cast
from uuid import uuid4

from tandem.catalog.label import Label
from tandem.connectors.aliyun_sms.signing import rpc_signature
from tandem.connectors.kit.carrying import body_of, judged, post
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.wire import Request, form
from tandem.domains.messaging.channel import Delivery
from tandem.domains.messaging.providers import Addressed, Keys, Provider, ProviderSetting, register_provider

ADDRESS: Final = "https://dysmsapi.aliyuncs.com/"
#: What one number, or this text to it, is refused for. Its own limit (one a minute, five an hour, ten a day) is not waited for.
OF_THE_MESSAGE: Final = {
    "isv.BUSINESS_LIMIT_CONTROL": "number_limit",
    "isv.MOBILE_NUMBER_ILLEGAL": "bad_number",
    "isv.BLACK_KEY_CONTROL_LIMIT": "forbidden_words",
    "isv.SMS_TEMPLATE_ILLEGAL": "template_refused",
    "isv.TEMPLATE_MISSING_PARAMETERS": "template_refused",
    "isv.INVALID_PARAMETERS": "template_refused",
    "isv.PARAM_LENGTH_LIMIT": "template_refused",
}
#: What no message of this account gets past before somebody mends it: keys and clock, permission, signature, money, limits, our address.
OF_THE_ACCOUNT: Final = (
    "InvalidAccessKeyId",
    "MissingAccessKeyId",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "InvalidTimeStamp",
    "Forbidden",
    "NoPermission",
    "isp.RAM_PERMISSION_DENY",
    "isv.RAM_CHECK_FAILED",
    "isv.ACCOUNT_NOT_EXISTS",
    "isv.ACCOUNT_ABNORMAL",
    "isv.PRODUCT_UNSUBSCRIBE",
    "isv.PRODUCT_UN_SUBSCRIPT",
    "isv.SMS_SIGNATURE_ILLEGAL",
    "isv.SMS_SIGN_ILLEGAL",
    "isv.SIGN_STATE_ILLEGAL",
    "isv.OUT_OF_SERVICE",
    "isv.AMOUNT_NOT_ENOUGH",
    "isv.BILLING_DEDUCTION_ERROR",
    "isv.DAY_LIMIT_CONTROL",
    "isv.MONTH_LIMIT_CONTROL",
    "isv.DENY_IP_RANGE",
)
AGAIN: Final = ("Throttling", "isp.", "ServiceUnavailable", "InternalError")


def request_of(keys: Keys, message: Addressed, now: datetime, nonce: str) -> Request:
    """SendSms, signed."""
    params = {
        "AccessKeyId": str(keys.settings["access_key_id"]),
        "Action": "SendSms",
        "Format": "JSON",
        "OutId": str(message.key),
        "PhoneNumbers": message.address.removeprefix("+86"),
        "RegionId": "cn-hangzhou",
        "SignName": str(keys.settings["sign_name"]),
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": nonce,
        "SignatureVersion": "1.0",
        "TemplateCode": message.code,
        "TemplateParam": compact(dict(message.params)),
        "Timestamp": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Version": "2017-05-25",
    }
    signed = params | {"Signature": rpc_signature(keys.secrets["access_key_secret"], "POST", params)}
    headers, body = form(signed)
    return Request("POST", ADDRESS, headers=headers, body=body)


def send(keys: Keys, message: Addressed) -> Delivery:
    """Hand one message over. Raises ChannelDown, AnswerLost."""
    found = cast("dict[str, Any]", body_of(post(request_of(keys, message, datetime.now(UTC), uuid4().hex))))
    code = str(found.get("Code") or "")
    if code == "OK":
        return Delivery(message.key, "sent", ref=str(message.key))
    down, again = code.startswith(OF_THE_ACCOUNT), code.startswith(AGAIN)
    return judged(message, code, reason=OF_THE_MESSAGE.get(code), down=down, again=again)


PROVIDER: Final = Provider(
    name="aliyun",
    channel="sms",
    label=Label("阿里云短信", "Aliyun SMS"),
    settings=(
        ProviderSetting("access_key_id", Label("AccessKey ID", "AccessKey id")),
        ProviderSetting("sign_name", Label("短信签名", "Signature"), pattern=r"\S.{0,39}", binds=False),
        ProviderSetting("access_key_secret", Label("AccessKey Secret", "AccessKey secret"), secret=True),
    ),
    send=send,
    address="phone",
)
register_provider(PROVIDER)
