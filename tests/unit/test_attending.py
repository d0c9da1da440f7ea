"""Service hours, waiting, and which article answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.domains.contact.archive.folding import Rules, Talk, fold
from tandem.domains.contact.archive.ports import Said
from tandem.domains.contact.archive.sampling import Candidate, drawn
from tandem.domains.contact.attending.deciding import Desk, Plan, plan
from tandem.domains.contact.attending.hours import hours_of, served_seconds, served_until, within
from tandem.domains.contact.attending.matching import Known, Match, Shelf, Verdict, verdict

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = hours_of([{"days": [1, 2, 3, 4, 5], "from": "09:00", "until": "18:00"}])
NIGHT = hours_of([{"days": [1, 2, 3, 4, 5, 6, 7], "from": "20:00", "until": "02:00"}])
MONDAY = datetime(2026, 11, 16, tzinfo=ZONE)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def test_waiting_counts_within_service_hours_only() -> None:
    assert served_seconds(DAYS, at(0, 10), at(0, 10, 30), ZONE) == 1800
    assert served_seconds(DAYS, at(4, 17), at(7, 10), ZONE) == 2 * 3600
    assert served_seconds(DAYS, at(5, 1), at(6, 23), ZONE) == 0
    assert served_seconds((), at(5, 1), at(5, 2), ZONE) == 3600
    assert served_until(DAYS, at(4, 17, 50), 30, ZONE) == at(7, 9, 20)
    assert served_until(DAYS, at(5, 12), 15, ZONE) == at(7, 9, 15)
    assert served_until((), at(5, 12), 15, ZONE) == at(5, 12, 15)
    assert served_seconds(NIGHT, at(0, 1), at(0, 3), ZONE) == 3600
    assert served_until(NIGHT, at(0, 1, 30), 60, ZONE) == at(0, 20, 30)
    assert within(NIGHT, at(1, 1), ZONE)
    assert not within(NIGHT, at(1, 3), ZONE)


@given(st.integers(0, 7 * 24 * 60), st.integers(0, 3 * 24 * 60), st.integers(0, 3 * 24 * 60))
def test_stretches_add_up(begin: int, first: int, second: int) -> None:
    a = MONDAY + timedelta(minutes=begin)
    b, c = a + timedelta(minutes=first), a + timedelta(minutes=first + second)
    assert served_seconds(DAYS, a, c, ZONE) == served_seconds(DAYS, a, b, ZONE) + served_seconds(DAYS, b, c, ZONE)


@given(st.integers(0, 7 * 24 * 60), st.integers(1, 600))
def test_an_alarm_comes_when_so_much_service_is_over(begin: int, minutes: int) -> None:
    since = MONDAY + timedelta(minutes=begin)
    due = served_until(DAYS, since, minutes, ZONE)
    assert due is not None
    assert served_seconds(DAYS, since, due, ZONE) == minutes * 60


ONE = UUID(int=1)
TALK = Talk(ONE, 1, ONE, ONE, ONE, "linda", "agreed")
RULES = Rules((), 30, ZONE)


def said(minutes: int, by: str = "customer", what: str = "message") -> Said:
    return Said(minutes, str(minutes), at(0, 9) + timedelta(minutes=minutes), what, by, "linda", "wm1")  # type: ignore[arg-type]


def test_a_talk_waits_from_the_first_message_until_an_answer() -> None:
    asked = fold(TALK, said(0), RULES).talk
    again = fold(asked, said(10), RULES).talk
    assert (again.waiting_since, again.alarm_at, again.messages) == (at(0, 9), at(0, 9, 30), 2)
    answered = fold(again, said(40, "staff"), RULES)
    assert answered.reply is not None
    assert (answered.reply.seconds, answered.reply.late) == (2400, True)
    assert (answered.talk.waiting_since, answered.talk.alarm_at) == (None, None)
    assert fold(answered.talk, said(50, "staff"), RULES).reply is None


def test_without_consent_nothing_is_kept_and_nobody_waits() -> None:
    refused = fold(fold(TALK, said(0), RULES).talk, said(1, what="refuse"), RULES).talk
    assert (refused.consent, refused.waiting_since) == ("refused", None)
    after = fold(refused, said(2), RULES)
    assert (after.kept, after.withheld, after.talk) == (False, True, refused)
    agreed = fold(refused, said(3, what="agree"), RULES).talk
    assert fold(agreed, said(4), RULES).kept
    # What was decided before does not undo what was decided later.
    assert fold(agreed, said(2, what="refuse"), RULES).talk == agreed


def test_lots_are_the_same_for_everybody_and_each_adviser_has_her_share() -> None:
    week = MONDAY.date()
    talks = [Candidate(UUID(int=n), 1, ONE, ONE, f"m{n % 3}") for n in range(30)]
    first = drawn(week, talks, 2)
    assert [one.member for one in first] == ["m0", "m0", "m1", "m1", "m2", "m2"]
    assert drawn(week, list(reversed(talks)), 2) == first
    assert drawn(week + timedelta(days=7), talks, 2) != first


# ------------------------------------------------------------------------------------------------------------ matching

HOURS, RETURNS, POINTS, SIZES = (UUID(int=n) for n in range(10, 14))
SHELF = Shelf(
    [
        Known(HOURS, ("几点开门关门", "营业时间是什么时候", "今天营业到几点")),
        Known(RETURNS, ("怎么退换货", "退货怎么操作", "买错了可以退吗")),
        Known(POINTS, ("积分怎么换礼品", "积分可以换什么"), UUID(int=99)),
        Known(SIZES, ("八个月宝宝穿多大码", "尺码怎么选")),
    ]
)


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("请问你们今天几点关门呀？", HOURS),
        ("您好，想问一下营业时间", HOURS),
        ("衣服买错了可以退吗", RETURNS),
        ("退货要怎么操作呢", RETURNS),
        ("积分能换什么礼品", POINTS),
        ("尺码要怎么选", SIZES),
    ],
)
def test_a_question_finds_its_article(text: str, article: UUID) -> None:
    found = verdict(SHELF.ask(text), 0.5)
    assert found.match is not None, SHELF.ask(text)
    assert found.match.id == article


@pytest.mark.parametrize("text", ["你们老板在吗", "蓝色的能便宜一点不", "我要投诉", "👍", "", "hello"])
def test_what_is_not_known_is_not_answered(text: str) -> None:
    assert verdict(SHELF.ask(text), 0.5).match is None


def test_a_recognised_topic_answers_by_itself_and_two_that_are_close_do_not() -> None:
    assert SHELF.ask("点数可以兑东西吗", UUID(int=99))[0].by_topic
    two = [Match(HOURS, 0.70, "a", ()), Match(RETURNS, 0.69, "b", ())]
    assert verdict(two, 0.5) == Verdict("torn")
    assert verdict(two, 0.8) == Verdict("unsure")
    assert verdict([], 0.5) == Verdict("nothing")


def test_the_desk_speaks_only_where_nobody_else_does() -> None:
    hours = [{"days": [1, 2, 3, 4, 5], "from": "09:00", "until": "18:00"}]
    desk = Desk(ONE, True, "out_of_hours", hours, 0.5, "", 15)
    sure = Verdict("sure", Match(HOURS, 1.0, "a", ()))

    def says(
        when: datetime, *, state: str = "open", kind: str = "text", live: bool = True, found: Verdict = sure
    ) -> str:
        return plan(
            desk,
            state=state,
            kind=kind,
            at=when,
            now=when + timedelta(minutes=1),
            live=live,
            zone=ZONE,
            judge=lambda: found,
        ).why

    assert says(at(0, 20)) == "sure"
    assert says(at(0, 10)) == "in_hours"
    assert says(at(0, 20), state="person") == "person"
    assert says(at(0, 20), state="asked") == "asked"
    assert says(at(0, 20), live=False) == "late"
    assert says(at(0, 20), kind="image") == "not_text"
    assert says(at(0, 20), found=Verdict("torn")) == "torn"
    offering = replace(desk, offers=True)

    def offers(found: Verdict, near: tuple[UUID, ...], **more: Any) -> Plan:
        when = at(0, 20)
        asked = {"state": "open", "kind": "text", "at": when, "now": when, "live": True, "zone": ZONE}
        return plan(offering, **asked, judge=lambda: replace(found, near=near), **more)

    assert offers(Verdict("unsure"), (HOURS,)) == Plan("unsure", offer=(HOURS,))
    person = Plan("unsure", asks_person=True, polite=True)
    assert offers(Verdict("unsure"), ()) == offers(Verdict("unsure"), (HOURS,), offered=True) == person
    assert offers(sure, (HOURS,), choice="person") == Plan("chose_person", asks_person=True, polite=True)
    late = plan(desk, state="open", kind="text", at=at(0, 20), now=at(0, 21), live=True, zone=ZONE, judge=lambda: sure)
    assert (late.why, late.article) == ("late", None)
