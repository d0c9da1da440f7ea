"""Live codes and welcomes against the simulated WeCom: who gets the next friend, what she hears, once and in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from harness.connectors import Story
from harness.database import Database
from harness.offices import opened
from tandem.assembly import system
from tandem.connectors.wecom.gateway import WeComLine
from tandem.connectors.wecom.media import MediaPart
from tandem.connectors.wecom.simulator import sending
from tandem.connectors.wecom.simulator.corp import Contact, Corp
from tandem.connectors.wecom.simulator.platform import SIMULATOR, corp_of
from tandem.domains.contact import advisers, codes, figures, pictures, placing, welcomes, welcoming
from tandem.domains.contact.acquiring import reading as link_reading
from tandem.domains.contact.acquiring import service as links
from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.shapes import LiveCodeChange, NewLiveCode, NewWelcome, Seat
from tandem.domains.notices import finding
from tandem.kernel.errors import TandemError
from tandem.kernel.turn import Turn
from tandem.stream.apply import apply
from tandem.stream.sources.connector import Delivery

PNG = b"\x89PNG\r\n\x1a\n....IHDR\x00\x00\x00\x08\x00\x00\x00\x08"
LIN, ZHAO, QIAN, SUN, ZHOU = "linxiaotong", "zhaomin", "qianwei", "sunli", "zhoujie"


class Office(Story):
    """One corporation with live codes."""

    @property
    def corp(self) -> Corp:
        return corp_of(self.shop)

    def look_after(self) -> None:
        advisers.read_due(self.door.db, self.door.tenant)
        while placing.place_due(self.door.db, self.door.tenant):
            pass

    def code(self, name: str, *seats: Seat, **more: Any) -> UUID:
        with self.door.tx("web") as tx:
            made = codes.create_code(tx, NewLiveCode(account_id=self.account, name=name, seats=list(seats), **more))
        self.look_after()
        return made

    def way(self, code: UUID) -> dict[str, Any]:
        """The code as the platform holds it."""
        config = self.door.value(f"select config_id from live_code where id = '{code}'")
        return self.corp.store("contact_way")[config]

    def scan(self, code: UUID, name: str = "新朋友") -> Contact:
        """Somebody scans the code; the platform tells us."""
        config = self.door.value(f"select config_id from live_code where id = '{code}'")
        made = SIMULATOR.act(self.shop, "scan", {"config_id": config, "name": name})
        self.hear()
        return self.corp.contacts[made["customer"]]

    def hear(self) -> list[Delivery]:
        sent = [Delivery(one.headers, one.query, one.body) for one in SIMULATOR.callbacks(self.shop)]
        self.post(*sent)
        return sent

    def greet(self) -> int:
        return welcoming.greet(self.door.db, self.door.tenant)

    def apply(self) -> None:
        """Let the door understand what came, and every bucket's turn take it."""
        self.resolve()
        for _ in range(3):  # what a projection tells is taken in the turn after
            for lane in (0, 1, 2):
                with self.door.tx("worker") as tx:
                    applied = apply(Turn(tx, list(range(256))), system(), 1000, lane)
                assert not applied.failures, applied.failures

    def happened(self) -> Counter[tuple[str, int]]:
        """What flows heard of friendships: how often which, in which mode."""
        return Counter(
            self.door.rows("select type, mode from event where type like 'friend.%' and type not like '%_reported'")
        )

    def greeted(self) -> list[dict[str, Any]]:
        return [one for one in self.corp.outgoing if one["kind"] == "welcome"]

    def calls(self) -> dict[str, int]:
        rows = self.door.rows("select welcome, count(*) from friend_call group by 1")
        return dict(rows)

    def welcome(self, name: str, body: str, **more: Any) -> UUID:
        with self.door.tx("web") as tx:
            return welcomes.create_welcome(tx, NewWelcome(name=name, body=body, **more))


#: As they are where nothing is lengthened.
TIMES = (welcoming.GOOD_FOR, welcoming.LOST_AFTER, sending.WELCOME_SECONDS)


@pytest.fixture(autouse=True)
def minutes_for_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what has twenty seconds a busy machine may need more: here it has twenty minutes, and a lost sender six."""
    monkeypatch.setattr(welcoming, "GOOD_FOR", timedelta(minutes=20))
    monkeypatch.setattr(welcoming, "LOST_AFTER", timedelta(minutes=6))
    monkeypatch.setattr(sending, "WELCOME_SECONDS", 20 * 60)


@pytest.fixture(scope="module")
def one_office(module_database: Database) -> Iterator[Office]:
    with opened(Office, module_database) as made:
        yield made


@pytest.fixture
def office(one_office: Office) -> Office:
    """The corporation without codes, calls and welcomes of the test before."""
    one_office.hear()
    one_office.resolve()
    with one_office.door.database.connect() as owner:
        owner.execute(
            "truncate live_code, live_code_seat, friend_call, welcome_message, connector_bucket, link_account, link_day"
        )
    one_office.corp.outgoing.clear()
    return one_office


def seat(member: str, **more: Any) -> Seat:
    return Seat.model_validate({"member": member, **more})


def test_a_code_is_made_changed_and_taken_away(office: Office) -> None:
    code = office.code("抖音主页", seat(LIN), seat(ZHAO), channel="抖音")
    way = office.way(code)
    assert (way["user"], way["type"], way["skip_verify"]) == ([LIN, ZHAO], 2, True)
    assert way["state"] == office.door.value("select state from live_code")
    with office.door.tx("web") as tx:
        codes.change_code(tx, code, LiveCodeChange(seats=[seat(QIAN)], skip_verify=False))
    office.look_after()
    assert (office.way(code)["user"], office.way(code)["skip_verify"]) == ([QIAN], False)
    # Somebody takes it away in the console: people need another.
    office.corp.store("contact_way").clear()
    with office.door.tx("web") as tx:
        codes.change_code(tx, code, LiveCodeChange(name="抖音主页 2"))
    office.look_after()
    assert office.way(code)["remark"] == "抖音主页 2"
    with office.door.tx("web") as tx:
        codes.archive_code(tx, code)
    office.look_after()
    assert office.corp.store("contact_way") == {}
    assert office.door.rows("select config_id, problem from live_code") == [(None, None)]


def test_a_link_is_a_live_code_with_a_balance(office: Office) -> None:
    db, tenant = office.door.db, office.door.tenant
    code = office.code("直播间链接", seat(LIN), channel="抖音", kind="link", tags=["直播"])
    office.welcome("链接来的", "欢迎从直播间过来", live_codes=[code])
    ((link_id, link),) = office.corp.store("link").items()
    state, url = office.door.rows("select state, qr_url from live_code")[0]
    assert (link["range"], link["skip_verify"], url) == (
        {"user_list": [LIN]},
        True,
        f"{link['url']}?customer_channel={state}",
    )
    assert link["link_name"] == f"直播间链接 {state}"
    assert office.corp.store("contact_way") == {}
    with office.door.tx("web") as tx:
        assert codes.quota(tx, office.account).used == 0, "links are not counted among the platform's codes"
        codes.change_code(tx, code, LiveCodeChange(seats=[seat(QIAN)]))
    office.look_after()
    assert link["range"] == {"user_list": [QIAN]}

    def opens(**more: str) -> str:
        made = SIMULATOR.act(office.shop, "open_link", {"link": link_id, "state": state, "name": "看直播的人", **more})
        office.hear()
        return made["customer"]

    def read() -> links.BalanceRow:
        with office.door.database.connect() as owner:
            owner.execute("update link_account set due_at = now() where due_at < now() + interval '1 minute'")
        link_reading.read_due(db, tenant)
        with office.door.tx("web") as tx:
            return links.list_balances(tx)[0]

    opens(adds="0")
    friend = opens()
    assert office.corp.contacts[friend].follows[QIAN].add_way == 16
    office.greet()
    assert [one["message"]["text"] for one in office.greeted()] == ["欢迎从直播间过来"]
    office.apply()
    assert office.door.value("select count(*) from friendship where live_code_id = %s", code) == 1
    row = read()
    assert (row.total, row.left, row.low, [one["n"] for one in row.expiring]) == (1000, 999, False, [999])
    with office.door.tx("web") as tx:
        assert links.clicks_of(tx, [code]) == {code: 2}
    assert office.door.rows("select clicked, added from link_day order by day desc limit 1") == [(2, 1)]
    # Days are the company's: at its one in the morning the thirtieth before today is out, whatever day it is in London.
    with office.door.database.connect() as owner:
        owner.execute(
            "insert into link_day (tenant_id, live_code_id, day, clicked, added, read_at) select tenant_id, live_code_id, d, 1, 0, now()"
            " from link_day cross join unnest('{2030-05-01,2030-05-02}'::date[]) as d on conflict do nothing"
        )
    with office.door.tx("web") as tx:
        night = datetime(2030, 5, 31, 1, tzinfo=ZoneInfo(tx.zone)).astimezone(UTC)
        assert links.clicks_of(replace(tx, now=night), [code]) == {code: 1}
    with office.door.database.connect() as owner:
        owner.execute("delete from link_day where day > '2030-01-01'")
    # Almost used up: WeCom tells, we look, colleagues are told once.
    SIMULATOR.act(office.shop, "buy", {"n": "-979"})
    opens()
    office.resolve()
    assert office.door.value("select due_at <= now() from link_account")
    row = read()
    with office.door.tx("worker") as tx:
        told = [one.thing for one in finding._links(tx)]
    assert (row.left, row.low, len(told)) == (19, True, 1)
    SIMULATOR.act(office.shop, "buy", {"n": "500"})
    office.hear()
    office.resolve()
    row = read()
    with office.door.tx("worker") as tx:
        assert (row.left, row.low, list(finding._links(tx))) == (519, False, [])
    # Somebody takes it away in the console: it is retired here too, with the reason; nobody makes another address by herself.
    SIMULATOR.act(office.shop, "remove_link", {"link": link_id})
    office.hear()
    office.resolve()
    office.look_after()
    assert office.door.rows("select status, config_id, problem->>'why' from live_code") == [("archived", None, "gone")]
    assert office.corp.store("link") == {}


def test_clicks_read_before_a_failure_are_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long reading keeps what it has, and its lease while it lasts; the failure is told, and the account is free for the next time."""
    made = [office.code(name, seat(LIN), channel="抖音", kind="link") for name in ("链接甲", "链接乙")]
    asked: list[str] = []
    leases: list[datetime] = []
    clicks = WeComLine.clicks

    def once(line: WeComLine, link: str, begin: datetime, end: datetime) -> Any:
        asked.append(link)
        leases.append(office.door.value("select leased_until from link_account"))
        if len(asked) > 1:
            raise GatewayFailure("later", "too many calls")
        return clicks(line, link, begin, end)

    monkeypatch.setattr(WeComLine, "clicks", once)
    monkeypatch.setattr(link_reading, "AT_ONCE", 1)
    with office.door.database.connect() as owner:
        owner.execute("update link_account set due_at = now()")
    link_reading.read_due(office.door.db, office.door.tenant)
    assert len(asked) == 2
    assert leases[1] > leases[0]
    assert office.door.value("select count(*) from link_day") == 1
    assert office.door.rows("select leased_until, failures, problem->>'why' from link_account") == [(None, 1, "later")]
    with office.door.tx("web") as tx:
        for code in made:
            codes.archive_code(tx, code)
    office.look_after()


def test_weights_share_friends_out_and_caps_end_at_midnight(office: Office) -> None:
    code = office.code("称重", seat(LIN, weight=3), seat(ZHAO), seat(QIAN, backup=True))
    got: list[str] = []
    for _ in range(8):
        contact = office.scan(code)
        got += contact.follows
        office.look_after()
    assert (got.count(LIN), got.count(ZHAO)) == (6, 2)
    assert got[0] == LIN
    with office.door.tx("web") as tx:
        codes.change_code(
            tx, code, LiveCodeChange(seats=[seat(LIN, daily_cap=6), seat(ZHAO, daily_cap=3), seat(QIAN, backup=True)])
        )
    office.look_after()
    assert office.way(code)["user"] == [ZHAO]
    assert list(office.scan(code).follows) == [ZHAO]
    office.look_after()
    assert office.way(code)["user"] == [QIAN]
    assert office.door.value("select reason from live_code") == "backup"
    # What is due next is local midnight; the counts of that day begin at nothing.
    due = office.door.value("select (due_at at time zone 'Asia/Shanghai')::time::text from live_code")
    assert due == "00:00:00"
    with office.door.database.connect() as owner:
        owner.execute("update friend_call set day = day - 1")
        owner.execute("update live_code set due_at = now()")
    office.look_after()
    assert office.way(code)["user"] == [LIN, ZHAO]


def test_one_call_told_often_counts_once_and_greets_once(office: Office) -> None:
    office.welcome("大家", "您好{{客户昵称|朋友}}，我是{{员工姓名}}")
    code = office.code("计数", seat(LIN, daily_cap=5))
    config = office.door.value("select config_id from live_code")
    SIMULATOR.act(office.shop, "scan", {"config_id": config, "name": "小雨"})
    sent = office.hear()
    office.post(*sent, *sent)
    assert office.calls() == {"waiting": 1}
    assert office.greet() == 1
    office.resolve()
    office.post(*sent)
    office.resolve()
    while office.greet():
        pass
    assert [one["message"]["text"] for one in office.greeted()] == ["您好小雨，我是林晓彤"]
    assert office.calls() == {"sent": 1}
    # What could be read of her is gone with the answer.
    assert office.door.rows("select code_enc, external_enc from friend_call") == [(None, None)]
    with office.door.tx("web") as tx:
        assert [one.today for one in codes.seats_of(tx, [code])[code]] == [1]


def test_two_senders_greet_everybody_once(office: Office) -> None:
    office.welcome("大家", "您好")
    code = office.code("高峰", *[seat(one) for one in (LIN, ZHAO, QIAN, SUN, ZHOU)])
    config = office.door.value("select config_id from live_code")
    for number in range(60):
        SIMULATOR.act(office.shop, "scan", {"config_id": config, "name": f"客{number}"})
    office.hear()

    def work() -> None:
        while office.greet():
            pass

    with ThreadPoolExecutor(2) as pool:
        for hand in (pool.submit(work), pool.submit(work)):
            hand.result()
    assert office.calls() == {"sent": 60}
    assert len({one["to"][0] for one in office.greeted()}) == len(office.greeted()) == 60
    assert code


def test_channel_time_and_tag_say_which_words(office: Office) -> None:
    douyin = office.code("抖音", seat(LIN), channel="抖音")
    shop = office.code("门店", seat(ZHAO), channel="门店")
    office.welcome("抖音的", "抖音来的", channels=["抖音"])
    office.welcome("核心客户", "您是核心客户", tags=["核心"])
    office.welcome("从不", "现在不说", days=[1], from_time="00:00", until_time="00:01", members=[QIAN])
    office.welcome("其他人", "其他人")
    office.scan(douyin)
    contact = office.scan(shop)
    # A third adviser, and one who gave her a tag before.
    known = office.corp.new_contact("老客户")
    tag = next(one.id for _, one in office.corp.tags() if one.name == "核心")
    office.corp.add_friend(known, SUN, office.shop.now())
    known.follows[SUN].tags.append(tag)
    office.hear()
    while office.greet():
        pass
    said = {one["to"][0]: one["message"]["text"] for one in office.greeted()}
    assert sorted(said.values()) == ["其他人", "您是核心客户", "抖音来的"]
    assert said[contact.id] == "其他人"
    assert said[known.id] == "您是核心客户"


def test_a_welcome_has_the_platforms_twenty_seconds_and_a_lost_one_leaves_time_for_another() -> None:
    good_for, lost_after, theirs = TIMES
    assert (good_for, lost_after, theirs) == (timedelta(seconds=20), timedelta(seconds=6), 20)


def test_what_is_late_is_counted_and_not_sent(office: Office) -> None:
    office.welcome("大家", "您好")
    code = office.code("迟到", seat(LIN))
    office.scan(code)
    with office.door.database.connect() as owner:
        owner.execute("update friend_call set told_at = told_at - interval '21 min'")
    office.greet()
    assert office.calls() == {"expired": 1}
    # The platform's own word for it, where its clock and ours disagree.
    office.scan(code)
    for one in office.corp.welcomes.values():
        one.made_at -= timedelta(minutes=30)
    office.greet()
    assert office.calls() == {"expired": 2}
    # She began to chat, or another application was faster: nothing is said, and it is shown.
    contact = office.scan(code)
    contact.follows[LIN].chatted = True
    office.greet()
    assert office.calls() == {"expired": 2, "taken": 1}
    assert office.greeted() == []
    with office.door.tx("web") as tx:
        assert welcomes.counts(tx) == {"expired": 2, "taken": 1, "waiting": 0, "half_within": None, "most_within": None}


def test_a_lost_answer_or_a_dead_sender_greets_nobody_twice(office: Office) -> None:
    office.welcome("大家", "您好")
    code = office.code("断线", seat(LIN))
    office.scan(code)
    office.shop.trouble.drop = 1
    office.greet()
    assert office.calls() == {"waiting": 1}
    with office.door.database.connect() as owner:
        owner.execute("update friend_call set claimed_at = claimed_at - interval '2 s'")
    office.greet()
    assert office.calls() == {"sent": 1}
    # A sender dies after the platform took it: the next one is told that the code is spent.
    office.scan(code)
    for one in office.corp.welcomes.values():
        one.used = True
    with office.door.database.connect() as owner:
        owner.execute(
            "update friend_call set welcome = 'sending', attempts = 1, claimed_at = now() - interval '7 min' where welcome = 'waiting'"
        )
    office.greet()
    assert office.calls() == {"sent": 1, "unknown": 1}
    assert len(office.greeted()) == 1


def test_a_call_that_waits_behind_a_slow_one_is_begun_anew_or_left_to_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.welcome("大家", "您好")
    code = office.code("慢", seat(LIN))
    for _ in range(3):
        office.scan(code)
    monkeypatch.setattr(welcoming, "HANDS", 1)
    say, ages = welcoming._say, list[int]()

    def slow(db: Any, tenant: Any, line: Any, call: Any) -> Any:
        with office.door.database.connect() as owner:
            seen = owner.execute(
                "select extract(epoch from now() - claimed_at)::int from friend_call where id = %s", (call.id,)
            )
            ages.extend(row[0] for row in seen)
            # Seven minutes pass for those behind it, and another worker takes the last.
            owner.execute(
                "update friend_call set claimed_at = claimed_at - interval '7 min' where welcome = 'sending' and id <> %s",
                (call.id,),
            )
            owner.execute(
                "update friend_call set attempts = 2 where id = (select id from friend_call where welcome = 'sending' order by told_at desc, id desc limit 1)"
            )
        return say(db, tenant, line, call)

    monkeypatch.setattr(welcoming, "_say", slow)
    assert office.greet() == 3
    assert len(ages) == 2
    assert max(ages) < 7 * 60, "begun anew"
    assert office.calls() == {"sending": 1, "sent": 2}


def test_whoever_left_gets_no_friends_and_the_code_goes_on(office: Office) -> None:
    code = office.code("离职", seat(LIN), seat(SUN))
    office.corp.resign(SUN, office.shop.now())
    with office.door.tx("web") as tx:
        codes.change_code(tx, code, LiveCodeChange(channel="线下"))
    placing.place_due(office.door.db, office.door.tenant)
    assert office.door.value("select problem ->> 'code' from live_code") == "60111"
    office.look_after()
    assert office.way(code)["user"] == [LIN]
    assert office.door.rows("select problem, reason from live_code") == [(None, "regular")]
    office.corp.members[SUN].resigned_at, office.corp.members[SUN].status = None, 1
    with office.door.tx("web") as tx:
        advisers.ask_again(tx)
    office.look_after()
    assert office.way(code)["user"] == [LIN, SUN]


def test_a_link_whose_making_was_never_answered_is_found_by_its_name(office: Office) -> None:
    code = office.code("包裹卡链接", seat(LIN), kind="link")
    with office.door.database.connect() as owner:
        owner.execute(
            "update live_code set config_id = null, placed_version = null, asked_at = now(), due_at = now() - interval '1 day'"
        )
    office.look_after()
    assert len(office.corp.store("link")) == 1
    config = office.door.value("select config_id from live_code where id = %s", code)
    assert config in office.corp.store("link")
    with office.door.tx("web") as tx:
        codes.archive_code(tx, code)
    office.look_after()
    assert office.corp.store("link") == {}


def test_a_code_made_anew_by_a_worker_that_died_is_found(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    code = office.code("门店码", seat(LIN))
    office.corp.store("contact_way").clear()
    with office.door.tx("web") as tx:
        codes.change_code(tx, code, LiveCodeChange(seats=[seat(ZHAO)]))
    put = WeComLine.put_code

    def dies(line: Any, config: str | None, spec: Any) -> Any:
        made = put(line, config, spec)
        if config is None:
            raise KeyboardInterrupt
        return made

    with monkeypatch.context() as patched:
        patched.setattr(WeComLine, "put_code", dies)
        with pytest.raises(KeyboardInterrupt):
            office.look_after()
    with office.door.database.connect() as owner:
        owner.execute("update live_code set leased_until = now() - interval '1 s'")
    office.look_after()
    assert list(office.corp.store("contact_way")) == [office.door.value("select config_id from live_code")]
    assert office.way(code)["user"] == [ZHAO]


def test_a_making_without_an_answer_makes_one_code(office: Office) -> None:
    with office.door.tx("web") as tx:
        code = codes.create_code(tx, NewLiveCode(account_id=office.account, name="断网", seats=[seat(LIN)]))
    state = office.door.value("select state from live_code")
    office.corp.store("contact_way").clear()
    # The platform made it, and the answer was lost.
    office.corp.store("contact_way")["cfLOST"] = {
        "config_id": "cfLOST", "state": state, "type": 2, "scene": 2, "user": [LIN], "qr_code": "https://x/0",
        "created_at": int(office.shop.now().timestamp()),
    }  # fmt: skip
    with office.door.database.connect() as owner:
        owner.execute("update live_code set asked_at = now()")
    office.look_after()
    assert list(office.corp.store("contact_way")) == ["cfLOST"]
    assert office.way(code)["remark"] == "断网"


def test_a_worker_that_stopped_and_a_code_that_breaks_leave_no_code_behind(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.door.tx("web") as tx:
        for name in ("坏的", "好的"):
            codes.create_code(tx, NewLiveCode(account_id=office.account, name=name, seats=[seat(LIN)]))
    with office.door.database.connect() as owner:
        owner.execute(
            "update live_code set due_at = null, holder = tandem_new_id(), leased_until = now() - interval '1 s'"
        )
        due = owner.execute(
            "select count(*) from contact_due_tenants('{}') where tenant_id = %s", (office.door.tenant,)
        )
        assert due.fetchone() == (1,)
    ask = placing._ask

    def breaks(*given: Any) -> Any:
        if given[3].name == "坏的":
            raise KeyError("config_id")
        return ask(*given)

    monkeypatch.setattr(placing, "_ask", breaks)
    assert placing.place_due(office.door.db, office.door.tenant) == 2
    assert office.door.rows(
        "select name, config_id is not null, problem ->> 'why', holder is null, failures from live_code order by name"
    ) == [("坏的", False, "later", True, 1), ("好的", True, None, True, 0)]


def test_the_platforms_limit_is_data(office: Office) -> None:
    with office.door.database.connect() as owner:
        owner.execute("update contact_account set codes_max = 1")
    office.code("第一个", seat(LIN))
    with pytest.raises(TandemError) as refused:
        office.code("第二个", seat(LIN))
    assert refused.value.code == "live_codes_full"
    with office.door.database.connect() as owner:
        owner.execute("update contact_account set codes_max = 500000")
    # The platform says it itself, whatever we believe: it is shown and tried again later.
    office.corp.limits["contact_ways"] = 0
    try:
        office.code("第三个", seat(LIN))
    finally:
        office.corp.limits["contact_ways"] = 500_000
    assert office.door.value("select problem ->> 'why' from live_code where name = '第三个'") == "full"


def test_friendships_are_news_once_whoever_tells_them(office: Office) -> None:
    """Told by a call, found by a reading, told again: one friendship, one event; its end, and a second beginning, one each."""
    office.apply()
    before = office.happened()
    code = office.code("转化", seat(LIN), channel="抖音", tags=["抖音来的"])
    contact, second = office.scan(code), office.scan(code)
    office.apply()
    office.start()
    office.work()  # reads everybody: friends of years, and these two once more
    office.apply()
    fresh = office.happened() - before
    # Old friends, met for the first time by reading, are history: no flow starts. The corporation is older than a day, two friends are not.
    assert fresh.keys() == {("friend.added", 0), ("friend.added", 1)}
    assert fresh["friend.added", 0] == 2
    said = office.door.value(
        "select payload from event where type = 'friend.added' and payload ->> 'live_code' = '转化' limit 1"
    )
    assert {name: said[name] for name in ("adviser", "live_code", "channel", "again")} == {
        "adviser": "林晓彤", "live_code": "转化", "channel": "抖音", "again": False,
    }  # fmt: skip
    assert office.door.value("select count(*) from customer_tag where tag = '抖音来的' and source = 'live_code'") == 2
    sent = office.happened()
    office.corp.lose(contact, LIN, office.shop.now() + timedelta(seconds=2))
    told = office.hear()
    office.apply()
    office.post(*told)
    office.apply()
    assert office.happened() - sent == {("friend.lost", 0): 1}
    sent = office.happened()
    with office.door.tx("web") as tx:
        assert figures.of_codes(tx, [code])[code] == figures.Sums(2, 1, 1, 0, 0)
        assert sum(day.added for day in figures.by_day(tx, code, 7)) == 2
        assert [(one.name, one.kept) for one in figures.of_members(tx, code)] == [("林晓彤", 1)]
    # The other buys for the first time.
    with office.door.database.connect() as owner:
        owner.execute(
            """
            insert into customer_profile (bucket, tenant_id, customer_id, origin_id, updated_at, first_order_at, last_order_at)
            select bucket, tenant_id, customer_id, customer_id, now(), now() + interval '1 min', now() + interval '1 min' from friendship
            where live_code_id = %s and lost_at is null
            on conflict (bucket, customer_id) do update set first_order_at = excluded.first_order_at, last_order_at = excluded.last_order_at
            """,
            (code,),
        )
    with office.door.tx("web") as tx:
        assert figures.of_codes(tx, [code])[code] == figures.Sums(2, 1, 1, 1, 1)
    assert second.follows
    # She comes back.
    office.corp.add_friend(contact, LIN, office.shop.now() + timedelta(seconds=4))
    office.hear()
    office.apply()
    assert office.happened() - sent == {("friend.added", 0): 1}
    assert office.door.rows("select lost_at from friendship where lost_at is not null") == []


def test_a_code_has_a_picture_without_the_platforms_help_and_the_platforms_own_is_kept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = office.code("图<片>", seat(LIN))
    db = office.door.db
    with office.door.tx("web") as tx:
        name, drawn = pictures.picture_of(db, tx, code)
    assert drawn.type == "image/svg+xml"
    assert b"<path" in drawn.content
    assert "图&lt;片&gt;".encode() in pictures.named(drawn, name)
    with office.door.database.connect() as owner:
        owner.execute("update source_account set config = config - 'simulated' where id = %s", (office.account,))
    read: list[str] = []
    monkeypatch.setattr(MediaPart, "picture", lambda _line, url: read.append(url) or PNG)
    try:
        for _ in range(2):
            with office.door.tx("web") as tx:
                assert pictures.picture_of(db, tx, code)[1] == pictures.Picture("image/png", PNG)
    finally:
        with office.door.database.connect() as owner:
            owner.execute("""update source_account set config = config || '{"simulated": true}'""")
    assert len(read) == 1, "read once, kept for good"
