"""SMS by Tencent Cloud: one signed call for a message; in a whole answer the number's own code decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, cast

from tandem.catalog.label import Label
from tandem.connectors.kit.carrying import body_of, judged, post
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.values import first, member, word
from tandem.connectors.kit.wire import Request
from tandem.connectors.tencent_sms.signing import TC3, tc3_signature
from tandem.domains.messaging.channel import Delivery
from tandem.domains.messaging.providers import Addressed, Keys, Provider, ProviderSetting, register_provider

HOST: Final = "sms.tencentcloudapi.com"
TYPE: Final = "application/json; charset=utf-8"
OF_THE_MESSAGE: Final = (
    ("LimitExceeded.PhoneNumber", "number_limit"),
    ("LimitExceeded.DeliveryFrequency", "number_limit"),
    ("InvalidParameterValue.IncorrectPhoneNumber", "bad_number"),
    ("FailedOperation.ContainSensitiveWord", "forbidden_words"),
    ("FailedOperation.PhoneNumberInBlacklist", "refused_by_receiver"),
    ("FailedOperation.Template", "template_refused"),
    ("InvalidParameterValue.Template", "template_refused"),
    ("UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny", "template_refused"),
)
#: What no message of this account gets past before somebody mends it: keys and clock, permission, signature, money, limits, our address.
OF_THE_ACCOUNT: Final = (
    "AuthFailure",
    "UnauthorizedOperation",
    "InternalError.SigVerificationFail",
    "InternalError.SigFieldMissing",
    "InternalError.RequestTimeException",
    "InvalidParameterValue.SdkAppIdNotExist",
    "FailedOperation.SignatureIncorrectOrUnapproved",
    "FailedOperation.InsufficientBalanceInSmsPackage",
    "LimitExceeded.AppDailyLimit",
    "LimitExceeded.AppMainlandChinaDailyLimit",
    "IpNotInWhitelist",
    "IpInBlacklist",
)
AGAIN: Final = ("RequestLimitExceeded", "InternalError")


def request_of(keys: Keys, message: Addressed, now: datetime) -> Request:
    """SendSms, signed."""
    number = message.address if message.address.startswith("+") else f"+86{message.address}"
    payload = compact(
        {
            "PhoneNumberSet": [number],
            "SmsSdkAppId": str(keys.settings["sdk_app_id"]),
            "SignName": str(keys.settings["sign_name"]),
            "TemplateId": message.code,
            "TemplateParamSet": [value for _, value in message.params],
            "SessionContext": str(message.key),
        }
    )
    stamp = int(now.timestamp())
    signed = (("content-type", TYPE), ("host", HOST))
    signature = tc3_signature(
        keys.secrets["secret_key"], "sms", stamp, method="POST", uri="/", query="", headers=signed, payload=payload
    )
    scope = f"{keys.settings['secret_id']}/{now.astimezone(UTC):%Y-%m-%d}/sms/tc3_request"
    headers = {
        "content-type": TYPE,
        "host": HOST,
        "x-tc-action": "SendSms",
        "x-tc-version": "2021-01-11",
        "x-tc-timestamp": str(stamp),
        "x-tc-region": "ap-guangzhou",
        "authorization": f"{TC3} Credential={scope}, SignedHeaders=content-type;host, Signature={signature}",
    }
    return Request("POST", f"https://{HOST}/", headers=headers, body=payload.encode())


def send(keys: Keys, message: Addressed) -> Delivery:
    """Hand one message over. Raises ChannelDown, AnswerLost."""
    found = member(cast("Any", body_of(post(request_of(keys, message, datetime.now(UTC))))), "Response")
    code = word(member(found, "Error"), "Code") or word(first(found, "SendStatusSet"), "Code")
    if code == "Ok":
        return Delivery(message.key, "sent", ref=word(first(found, "SendStatusSet"), "SerialNo") or None)
    reason = next((reason for prefix, reason in OF_THE_MESSAGE if code.startswith(prefix)), None)
    return judged(message, code, reason=reason, down=code.startswith(OF_THE_ACCOUNT), again=code.startswith(AGAIN))


PROVIDER: Final = Provider(
    name="tencent",
    channel="sms",
    label=Label("腾讯云短信", "Tencent Cloud SMS"),
    settings=(
        ProviderSetting("secret_id", Label("SecretId", "SecretId")),
        ProviderSetting("sdk_app_id", Label("SdkAppId", "SdkAppId"), pattern=r"\d{6,20}"),
        ProviderSetting("sign_name", Label("短信签名", "Signature"), pattern=r"\S.{0,39}", binds=False),
        ProviderSetting("secret_key", Label("SecretKey", "SecretKey"), secret=True),
    ),
    send=send,
    address="phone",
)
register_provider(PROVIDER)
