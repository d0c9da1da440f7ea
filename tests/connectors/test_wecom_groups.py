"""Customer groups against the simulated WeCom: who is in which, who came and left, codes that overflow, words for newcomers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from harness.connectors import Story
from harness.database import Database
from harness.offices import opened
from tandem.assembly import system
from tandem.connectors.wecom.gateway import WeComLine
from tandem.connectors.wecom.simulator.corp import Corp, Group
from tandem.connectors.wecom.simulator.platform import SIMULATOR, corp_of
from tandem.domains.contact import advisers
from tandem.domains.contact.counting import reading as counting
from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.groups import codes, greetings, people, placing, reading
from tandem.domains.contact.groups.shapes import GroupSeat, GroupWelcomeChange, NewGroupCode, NewGroupWelcome
from tandem.kernel.errors import TandemError
from tandem.kernel.turn import Turn
from tandem.stream.apply import apply
from tandem.stream.sources.connector import Delivery

LIN = "linxiaotong"


class Crowd(Story):
    """One corporation with groups."""

    @property
    def corp(self) -> Corp:
        return corp_of(self.shop)

    def act(self, what: str, **given: str) -> Any:
        """Somebody does something; the platform tells us."""
        done = SIMULATOR.act(self.shop, what, given)
        self.post(*[Delivery(one.headers, one.query, one.body) for one in SIMULATOR.callbacks(self.shop)])
        self.resolve()
        return done

    def read(self) -> None:
        """What is due is listed and read, and its news taken in."""
        while reading.list_due(self.door.db, self.door.tenant) + reading.read_due(self.door.db, self.door.tenant):
            pass
        self.resolve()
        for _ in range(3):
            for lane in (0, 1, 2):
                with self.door.tx("worker") as tx:
                    applied = apply(Turn(tx, list(range(256))), system(), 1000, lane)
                assert not applied.failures, applied.failures
        while placing.place_due(self.door.db, self.door.tenant):
            pass

    def sql(self, text: str) -> None:
        with self.door.database.connect() as owner:
            owner.execute(text)

    def again(self) -> None:
        """Time passes: everything is read anew."""
        self.sql("update group_account set due_at = now()")
        self.read()

    def group(self, name: str) -> Group:
        made = self.act("found", member=LIN, name=name)["result"]
        self.read()
        return self.corp.groups[made]

    def id(self, group: Group) -> UUID:
        return self.door.value(f"select id from group_chat where chat_id = '{group.id}'")

    def happened(self) -> Counter[tuple[str, int]]:
        """What flows heard, and in which mode: 0 begins something, 1 is history."""
        return Counter(self.door.rows("select type, mode from event where type in ('group.joined', 'group.left')"))

    def last(self, kind: str) -> dict[str, Any]:
        return self.door.value(
            f"select payload from event where type = '{kind}' order by occurred_at desc, event_id limit 1"
        )


@pytest.fixture(scope="module")
def crowd(module_database: Database) -> Iterator[Crowd]:
    with opened(Crowd, module_database) as made:
        yield made


def test_groups_are_read_and_history_starts_nothing(crowd: Crowd) -> None:
    crowd.read()
    assert crowd.door.rows("select name, owner, people, customers, staff from group_chat") == [
        ("妈妈交流群", LIN, 13, 12, [LIN])
    ]
    assert crowd.happened() == {("group.joined", 1): 12}
    assert crowd.door.value("select count(distinct customer_id) from group_membership") == 12
    crowd.again()
    assert crowd.happened() == {("group.joined", 1): 12}, "read again is no news"


def test_who_comes_and_who_goes_is_told_once_though_reading_lags(crowd: Crowd) -> None:
    group = crowd.group("新品群")
    before = crowd.happened()
    crowd.corp.limits["group_lag_reads"] = 2
    who = crowd.act("join", group=group.id, name="小雨")["customer"]
    crowd.corp.limits["group_lag_reads"] = 0
    for look in (1, 2, 3):
        crowd.read()
        seen = crowd.door.value(f"select count(*) from group_membership where group_chat_id = '{crowd.id(group)}'")
        assert seen == (1 if look == 3 else 0), "WeCom told at once and shows it late"
        crowd.sql("update group_chat set due_at = now() where due_at is not null")
    assert crowd.happened() - before == {("group.joined", 0): 1}
    told = crowd.last("group.joined")
    assert (told["group"], told["scene"], told["group_count"], told["again"]) == ("新品群", "code", 1, False)
    assert crowd.door.value("select told_at from group_chat where name = '新品群'") is None
    crowd.act("leave", group=group.id, customer=who)
    crowd.read()
    crowd.again()
    assert crowd.happened() - before == {("group.joined", 0): 1, ("group.left", 0): 1}
    assert crowd.last("group.left")["group_count"] == 0
    crowd.act("join", group=group.id, customer=who)
    kind, at, scene, state = group.members[who]
    group.members[who] = (kind, at + timedelta(seconds=2), scene, state)  # a second is the platform's finest
    crowd.read()
    assert crowd.last("group.joined")["again"] is True
    assert crowd.door.value(f"select count(*) from group_membership where group_chat_id = '{crowd.id(group)}'") == 1


def test_days_are_read_as_the_platform_counts_them(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    db, tenant = crowd.door.db, crowd.door.tenant
    assert counting.read_due(db, tenant) == 0, "whose days they are is not known yet"
    advisers.read_due(db, tenant)
    crowd.again()
    asked = crowd.shop.calls.count("externalcontact/groupchat/statistic")
    assert counting.read_due(db, tenant) == 1
    assert crowd.shop.calls.count("externalcontact/groupchat/statistic") - asked == counting.BACK, (
        "a call a day tells all owners"
    )
    days, last = crowd.door.rows("select count(distinct day), max(day) from group_day")[0]
    today = crowd.door.value("select (now() at time zone (select zone from tenant where id = %s))::date", tenant)
    assert (days, last) == (30, today - timedelta(days=1)), "whole days: today is not among them"
    people, messages = crowd.door.rows(
        "select people, messages from group_day where day = %s order by people desc limit 1", last
    )[0]
    assert (people >= 12, messages > 0) == (True, True)
    assert (
        crowd.door.value("select count(*) from adviser_day where chats > 0 and replied > 80 and reply_minutes > 0")
        > 100
    )
    # The next time the last two days only, and nothing is counted twice.
    crowd.sql("update count_account set due_at = now()")
    counting.read_due(db, tenant)
    assert crowd.shop.calls.count("externalcontact/groupchat/statistic") - asked == counting.BACK + 2
    assert crowd.door.value("select count(distinct day) from group_day") == 30
    # A member of whom it tells nothing keeps the others' days away from nobody.
    tells, met = WeComLine.work_counts, list[str]()

    def silent_of_one(line: Any, member: str, since: datetime, until: datetime) -> Any:
        met.append(member)
        if len(met) == 1:
            raise GatewayFailure("refused", "no right to customers", "84061")
        return tells(line, member, since, until)

    monkeypatch.setattr(WeComLine, "work_counts", silent_of_one)
    crowd.sql("update count_account set due_at = now()")
    crowd.sql("delete from adviser_day")
    counting.read_due(db, tenant)
    known = {one for (one,) in crowd.door.rows("select distinct member from adviser_day")}
    assert (known, crowd.door.rows("select failures from count_account")) == (set(met[1:]), [(0,)])
    # What the platform refuses waits, is told, and is read later.
    crowd.sql("update source_account set status = 'paused'")
    crowd.sql("update count_account set due_at = now()")
    counting.read_due(db, tenant)
    crowd.sql("update source_account set status = 'active'")
    assert crowd.door.rows("select failures, problem->>'why' from count_account") == [(1, "set_up")]


def test_what_callbacks_missed_is_found_by_reading(crowd: Crowd) -> None:
    group = crowd.group("漏报群")
    before = crowd.happened()
    SIMULATOR.act(crowd.shop, "join", {"group": group.id, "name": "阿静"})
    SIMULATOR.act(crowd.shop, "rename", {"group": group.id, "name": "改名群"})
    crowd.corp.events.clear()
    crowd.again()
    assert crowd.happened() - before == {("group.joined", 0): 1}
    assert crowd.door.value(f"select name from group_chat where id = '{crowd.id(group)}'") == "改名群"
    crowd.act("dismiss", group=group.id)
    crowd.read()
    assert crowd.door.value(f"select status from group_chat where id = '{crowd.id(group)}'") == "dismissed"
    assert crowd.happened() - before == {("group.joined", 0): 1, ("group.left", 0): 1}, "who was there has left"


def test_a_customer_of_two_groups_is_one_and_is_listed(crowd: Crowd) -> None:
    one, two = crowd.group("一群"), crowd.group("二群")
    who = crowd.act("join", group=one.id, name="双群客户")["customer"]
    crowd.act("join", group=two.id, customer=who)
    crowd.read()
    with crowd.door.tx("web") as tx:
        rows, _ = people.doubles(tx, cursor=None, limit=10)
        assert [row.groups for row in rows] == [["一群", "二群"]]
        hers = people.groups_of(tx, rows[0].customer_id)
        assert {row.group for row in hers} == {"一群", "二群"}
        first, following = people.list_groups(tx, ended=False, account_id=None, q=None, cursor=None, limit=1)
        rest, _ = people.list_groups(tx, ended=False, account_id=None, q=None, cursor=following, limit=50)
    assert first[0].name == "妈妈交流群"
    assert not {row.id for row in first} & {row.id for row in rest}


def test_a_code_overflows_into_the_next_group_and_counts_what_it_brought(crowd: Crowd) -> None:
    small, large = crowd.group("小群"), crowd.group("大群")
    seats = [GroupSeat(group_id=crowd.id(small), cap=3), GroupSeat(group_id=crowd.id(large))]
    with crowd.door.tx("web") as tx:
        code = codes.create_code(
            tx,
            NewGroupCode(account_id=crowd.account, name="抖音群", channel="抖音", base_name="抖音福利群", seats=seats),
        )
    crowd.read()
    config = crowd.door.value(f"select config_id from live_code where id = '{code}'")
    way = crowd.corp.store("join_way")[config]
    assert (way["chat_id_list"], way["auto_create_room"]) == ([small.id, large.id], 1)
    assert crowd.door.value(f"select qr_url from live_code where id = '{code}'") == way["qr_code"]
    for name in ("甲", "乙", "丙", "丁"):
        crowd.act("join_code", config_id=config, name=name)
        crowd.read()
    # The owner and two customers fill the small one.
    assert [len(one.members) for one in (small, large)] == [3, 3]
    assert way["chat_id_list"] == [large.id]
    with crowd.door.tx("web") as tx:
        assert sorted(one.joined for one in codes.joins_of(tx, [code])) == [2, 2]
        assert [(row.channel, row.joined, row.here) for row in codes.by_channel(tx)] == [("抖音", 4, 4)]
    assert (
        crowd.door.value("select count(*) from event where type = 'group.joined' and payload->>'channel' = '抖音'") == 4
    )
    # The platform's own size is reached: it opens the next group by itself, and we learn of it by who came with the code's word.
    crowd.corp.limits["group_members"] = 3
    crowd.act("join_code", config_id=config, name="戊")
    crowd.corp.limits["group_members"] = 500
    crowd.read()
    with crowd.door.tx("web") as tx:
        opened = [row for row in codes.seats_of(tx, [code])[code] if row.opened]
    assert [row.name for row in opened] == ["抖音福利群1"]
    with crowd.door.tx("web") as tx:
        codes.archive_code(tx, code)
    crowd.read()
    assert config not in crowd.corp.store("join_way")


def test_full_everywhere_stays_with_the_last_and_says_so(crowd: Crowd) -> None:
    only = crowd.group("满群")
    with crowd.door.tx("web") as tx:
        code = codes.create_code(
            tx, NewGroupCode(account_id=crowd.account, name="满码", opens_groups=False, seats=[GroupSeat(group_id=crowd.id(only), cap=1)])
        )  # fmt: skip
        with pytest.raises(TandemError):
            codes.create_code(
                tx, NewGroupCode(account_id=crowd.account, name="满码", seats=[GroupSeat(group_id=crowd.id(only))])
            )
    crowd.read()
    assert crowd.door.rows(f"select reason, placed from live_code where id = '{code}'") == [("full", [only.id])]


def test_words_for_newcomers_are_handed_over_changed_and_taken_away(crowd: Crowd) -> None:
    given = NewGroupWelcome(account_id=crowd.account, name="通用", body="欢迎 %NICKNAME% 入群")
    with crowd.door.tx("web") as tx:
        one = greetings.create_welcome(tx, given)
        with pytest.raises(TandemError):
            greetings.create_welcome(tx, given)
        with pytest.raises(TandemError):
            greetings.create_welcome(tx, NewGroupWelcome(account_id=crowd.account, name="空"))
    kept = crowd.corp.store("group_welcome")
    greetings.place_due(crowd.door.db, crowd.door.tenant)
    assert [row["text"]["content"] for row in kept.values()] == ["欢迎 %NICKNAME% 入群"]
    link = {"msgtype": "link", "link": {"title": "群规", "url": "https://tandem.test/rules"}}
    with crowd.door.tx("web") as tx:
        greetings.change_welcome(tx, one, GroupWelcomeChange(name="通用", body="看群规", attachment=link))
    greetings.place_due(crowd.door.db, crowd.door.tenant)
    assert [(row["text"]["content"], row["link"]["title"]) for row in kept.values()] == [("看群规", "群规")]
    with crowd.door.tx("web") as tx:
        greetings.remove_welcome(tx, one)
    greetings.place_due(crowd.door.db, crowd.door.tenant)
    assert (kept, crowd.door.value("select count(*) from group_welcome")) == ({}, 0)
