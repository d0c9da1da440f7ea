"""One message by a provider's answer: whose fault a refusal is decides whether the others go on. No database, no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from harness.carriers import ALIYUN, DINGTALK, FEISHU, TENCENT, WECHAT, Carriers
from tandem.connectors.aliyun_sms import carrier as aliyun
from tandem.connectors.dingtalk import carrier as dingtalk
from tandem.connectors.feishu import carrier as feishu
from tandem.connectors.kit import wire
from tandem.connectors.tencent_sms import carrier as tencent
from tandem.connectors.wechat_oa import carrier as wechat
from tandem.domains.messaging.channel import AnswerLost, ChannelDown, Delivery
from tandem.domains.messaging.providers import Addressed, Keys, Provider
from tandem.domains.messaging.routed import RoutedChannel
from tandem.domains.messaging.simulated import SimulatedChannel
from tandem.kernel.ids import new_id

MESSAGE = Addressed(new_id(), "13710000001", "上海新店开业", "SMS_1", [("city", "上海")])


@pytest.fixture
def carriers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Carriers]:
    made = Carriers()
    monkeypatch.setattr(wire, "route", [made])
    yield made
    for one in (dingtalk, feishu, wechat):
        one.tokens.clear()


def keys(given: dict[str, str]) -> Keys:
    return Keys(new_id(), given, given)


def tencent_says(code: str) -> dict[str, Any]:
    return {"Response": {"SendStatusSet": [{"Code": code}]}}


def aliyun_says(code: str) -> dict[str, Any]:
    return {"Code": code}


def wechat_says(code: str) -> dict[str, Any]:
    return {"errcode": int(code)}


def dingtalk_says(code: str) -> dict[str, Any]:
    return {"code": code}


def feishu_says(code: str) -> dict[str, Any]:
    return {"code": int(code)}


Says = Callable[[str], dict[str, Any]]
CASES: list[tuple[Provider, dict[str, str], Says, str, str, str]] = [
    (aliyun.PROVIDER, ALIYUN, aliyun_says, "isv.NEWLY_MADE_UP", "isv.NEWLY_MADE_UP", "isp.RAM_PERMISSION_DENY"),
    (aliyun.PROVIDER, ALIYUN, aliyun_says, "isv.SMS_SIGNATURE_SCENE_ILLEGAL", "isv.SMS_SIGNATURE_SCENE_ILLEGAL", "isv.SMS_SIGNATURE_ILLEGAL"),
    (tencent.PROVIDER, TENCENT, tencent_says, "FailedOperation.NewlyMadeUp", "FailedOperation.NewlyMadeUp", "InternalError.SigVerificationFail"),
    (wechat.OFFICIAL, WECHAT, wechat_says, "40165", "errcode_40165", "40164"),
    (wechat.MINI, WECHAT, wechat_says, "40165", "errcode_40165", "48001"),
    (dingtalk.PROVIDER, DINGTALK, dingtalk_says, "newly.madeUp", "newly.madeUp", "invalid.robotCode.notExsit"),
    (feishu.PROVIDER, FEISHU, feishu_says, "230999", "code_230999", "230006"),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "given", "says", "unlisted", "told", "of_the_account"), CASES)
def test_a_code_nobody_listed_ends_one_message_and_one_of_the_account_the_round(
    carriers: Carriers,
    provider: Provider,
    given: dict[str, str],
    says: Says,
    unlisted: str,
    told: str,
    of_the_account: str,
) -> None:
    carriers.next = [says(unlisted), says(of_the_account)]
    assert provider.send(keys(given), MESSAGE) == Delivery(MESSAGE.key, "failed", f"rejected:{told}")
    with pytest.raises(ChannelDown) as down:
        provider.send(keys(given), MESSAGE)
    assert not isinstance(down.value, AnswerLost)
    assert of_the_account in down.value.reason


@pytest.mark.parametrize(
    ("provider", "given"),
    [(aliyun.PROVIDER, ALIYUN), (tencent.PROVIDER, TENCENT), (dingtalk.PROVIDER, DINGTALK), (feishu.PROVIDER, FEISHU)],
)
def test_an_answer_without_any_code_is_not_known(carriers: Carriers, provider: Provider, given: dict[str, str]) -> None:
    carriers.next = [{"surprise": 1}]
    with pytest.raises(AnswerLost):
        provider.send(keys(given), MESSAGE)


def test_a_token_that_never_came_leaves_the_message_where_it_was(
    carriers: Carriers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("too late", request=request)

    monkeypatch.setattr(wire, "route", [httpx.MockTransport(late)])
    for provider, given in ((wechat.OFFICIAL, WECHAT), (dingtalk.PROVIDER, DINGTALK), (feishu.PROVIDER, FEISHU)):
        with pytest.raises(ChannelDown) as down:
            provider.send(keys(given), MESSAGE)
        assert (type(down.value), down.value.reason) == (ChannelDown, "token_timed_out")


def test_what_is_not_begun_in_time_goes_back() -> None:
    now = [100.0]

    def slowly(_keys: Keys, message: Addressed) -> Delivery:
        now[0] += 25.0
        return Delivery(message.key, "sent")

    channel = RoutedChannel(SimulatedChannel("sms"), clock=lambda: now[0])
    ready = [replace(MESSAGE, key=new_id()) for _ in range(4)]
    found = channel._send(replace(aliyun.PROVIDER, send=slowly), keys(ALIYUN), ready, 150.0)
    assert [(one.result, one.reason) for one in found] == [("sent", None)] * 2 + [("later", "slow")] * 2
    assert [one.key for one in found] == [one.key for one in ready]
