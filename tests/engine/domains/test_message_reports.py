"""What providers report later of messages they took: laid beside the right one, in whatever order and however often it comes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.domains.test_channels import CITY, PHONE, connect, deliver, reach
from harness.carriers import ALIYUN, TENCENT, Carriers
from harness.flows import FlowHouse
from harness.hooks import call
from tandem.connectors.kit import wire
from tandem.domains.messaging.optout import is_opt_out
from tandem.domains.messaging.sender import waiting_tenants
from tandem.stream.door.pending import resolve_waiting
from tandem.stream.sources.accounts import create_account
from tandem.stream.sources.connector import Delivery, NotVerified
from tandem.stream.sources.hooks import HookDoor

AT = "2026-11-22 10:00:00"
TOKEN = "the-token-in-the-address"


@pytest.fixture
def carriers(monkeypatch: pytest.MonkeyPatch) -> Carriers:
    made = Carriers()
    monkeypatch.setattr(wire, "route", [made])
    return made


class Reports:
    """A provider's report address."""

    def __init__(self, house: FlowHouse, connector: str) -> None:
        self.house, self.connector, self.door = house, connector, HookDoor(house.db)
        values = {"connector": connector, "source": connector, "name": "回执", "config": {}, "mapping": None}
        limits = {
            "lag_seconds_max": 3600,
            "failure_percent_max": 5,
            "silent_minutes_max": None,
            "secret_expires_at": None,
        }
        with house.tx() as tx:
            self.account, _ = create_account(tx, values | limits, TOKEN)

    def call(self, *reports: dict[str, Any], token: str = TOKEN) -> str:
        body = json.dumps(reports).encode()
        answer = call(self.door, self.connector, self.account, Delivery({}, {"token": token}, body)).body
        while resolve_waiting(self.house.db, self.house.rooms.door_kinds):
            pass
        return answer


def told(house: FlowHouse) -> list[Any]:
    return house.owner("select reported, reported_reason, status from outbox_message order by id")


def events(house: FlowHouse) -> list[tuple[str, int]]:
    house.settle()
    return house.owner(
        "select type, count(*) from event where type in ('message.delivered', 'message.undelivered') group by type order by type"
    )


def fate(key: object, **more: Any) -> dict[str, Any]:
    return {
        "phone_number": PHONE["value"],
        "success": True,
        "err_code": "DELIVERED",
        "report_time": AT,
        "out_id": str(key),
    } | more


def test_a_report_finds_its_message_once_and_the_latest_word_stands(
    house: FlowHouse, send: Any, carriers: Carriers
) -> None:
    reach(house, send, "messaging.sms", connect(house, "sms", "aliyun", ALIYUN, CITY), PHONE)
    deliver(house)
    reports = Reports(house, "aliyun_sms")
    ((key,),) = house.owner("select id from outbox_message")
    with pytest.raises(NotVerified):
        reports.call(fate(key), token="guessed")
    assert reports.call(fate(key), fate("of-another-system"), {"phone_number": "1"}) == '{"code":0,"msg":"ok"}'
    reports.call(fate(key))
    deliver(house)
    assert (told(house), events(house)) == ([("delivered", None, "sent")], [("message.delivered", 1)])
    # What names none of our messages is looked for ever more seldom and holds nothing up.
    assert house.owner("select ref, looks from message_report") == [("of-another-system", 1)]
    assert house.tenant not in waiting_tenants(house.db)
    reports.call(fate(key, success=False, err_code="MK:0001", report_time="2026-11-22 10:05:00"))
    deliver(house)
    assert told(house) == [("undelivered", "MK:0001", "sent")]
    assert events(house) == [("message.delivered", 1), ("message.undelivered", 1)]
    # An older report, come late, changes nothing, is told to nobody, and does not stay to be looked at again.
    reports.call(fate(key, report_time="2026-11-22 10:01:00"))
    deliver(house)
    assert told(house) == [("undelivered", "MK:0001", "sent")]
    assert house.owner("select reported_at from outbox_message") == [(datetime(2026, 11, 22, 2, 5, tzinfo=UTC),)]
    assert house.owner("select ref from message_report") == [("of-another-system",)]


def test_a_report_that_comes_before_the_answer_was_written_down_waits_for_it(
    house: FlowHouse, send: Any, carriers: Carriers
) -> None:
    reach(house, send, "messaging.sms", connect(house, "sms", "tencent", TENCENT, CITY), PHONE)
    reports = Reports(house, "tencent_sms")
    reports.call({"sid": "serial-+8613710000001", "report_status": "FAIL", "errmsg": "空号", "user_receive_time": AT})
    deliver(house)
    assert told(house) == [(None, None, "sent")]
    house.owner("update message_report set next_at = now() returning 1")
    deliver(house)
    assert (told(house), events(house)) == ([("undelivered", "空号", "sent")], [("message.undelivered", 1)])


def test_a_report_that_cannot_be_read_is_kept_with_its_place(house: FlowHouse) -> None:
    reports = Reports(house, "aliyun_sms")
    reports.call(fate("a", report_time="yesterday"), fate("b"))
    assert house.owner("select ref from message_report") == [("b",)]
    ((reason,),) = house.owner("select problems from quarantine where status = 'open'")
    assert "[0]" in json.dumps(reason)


@pytest.mark.parametrize(
    ("text", "wants"),
    [("TD", True), (" td。", True), ("ＴＤ", True), ("回复T", True), ("退订！", True), ("回TD退订", True), ("【示范】TD", True), ("请退订短信，谢谢", True), ("退訂", True), ("t\u200bd", True),
     ("退订的话要怎么操作", False), ("不要退订", False), ("【退订】", False), ("请回复", False), ("谢谢", False), ("T恤有货吗", False), ("", False)],
)  # fmt: skip
def test_what_counts_as_an_opt_out(text: str, wants: bool) -> None:
    assert is_opt_out(text) is wants


def test_an_answer_is_kept_and_td_takes_the_consent_back(house: FlowHouse, send: Any, carriers: Carriers) -> None:
    template = connect(house, "sms", "aliyun", ALIYUN, CITY)
    reach(house, send, "messaging.sms", template, PHONE)
    house.owner(
        "update outbox_message set message_class = 'marketing', status = 'held', release_at = now() + interval '1 day' returning 1"
    )
    asked = {
        "phone_number": PHONE["value"],
        "send_time": AT,
        "content": "请问门店几点关门",
        "sequence_id": 7,
        "dest_code": "1069",
    }
    aliyun = Reports(house, "aliyun_sms")
    assert aliyun.call(asked) == '{"code":0,"msg":"ok"}'
    aliyun.call(asked)
    house.settle()
    said = house.owner("select payload ->> 'text', payload ->> 'through' from event where type = 'chat.received'")
    assert (said, house.owner("select status from outbox_message")) == ([("请问门店几点关门", "sms")], [("held",)])
    tencent = Reports(house, "tencent_sms")
    leaves = {
        "mobile": PHONE["value"],
        "nationcode": "86",
        "text": "TD",
        "sign": "示范",
        "extend": "",
        "time": 1_795_341_600,
    }
    # Without a moment it could not be weighed against what she agreed to: it is put aside, and seen.
    tencent.call({**leaves, "time": None}, {**leaves, "time": 10**20})
    assert house.owner("select count(*) from quarantine where status = 'open'") == [(1,)]
    assert house.owner("select count(*) from consent_log") == [(0,)]
    for _ in range(2):
        tencent.call(leaves)
        house.settle()
    assert house.owner("select channel, purpose, state, source from consent_log") == [
        ("sms", "marketing", "withdrawn", "短信回复退订 · answered an SMS")
    ]
    assert house.owner("select status, reason from outbox_message") == [("cancelled", "consent_withdrawn")]
    assert house.owner("select count(*) from event where type = 'consent.withdrawn'") == [(1,)]
