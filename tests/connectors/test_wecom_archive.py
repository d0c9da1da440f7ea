"""W14 and W11 against the simulated WeCom: chats are archived with consent and inspected, desks answer out of hours and hand over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.locks import comes_to_buckets_first
from harness.offices import LIN, ZHAO, Office, opened
from tandem.access.paging import to_cursor
from tandem.connectors.wecom.archive.library import LibraryFailure, Sealed
from tandem.connectors.wecom.archive.simulated import SimulatedLibrary
from tandem.connectors.wecom.archive.source import WeComArchive
from tandem.connectors.wecom.gateway import WeComLine
from tandem.connectors.wecom.simulator import archive as there
from tandem.connectors.wecom.simulator import desk as kf
from tandem.connectors.wecom.simulator.platform import SIMULATOR
from tandem.domains.contact.archive import (
    accounts,
    alarms,
    inspecting,
    quarantine,
    reading,
    sampling,
    scoring,
    searching,
    strays,
    taking,
    timeline,
)
from tandem.domains.contact.archive.ports import Consent, Said
from tandem.domains.contact.archive.shapes import (
    ArchiveChange,
    InspectionHitChange,
    NewInspectionList,
    ScoreCriterion,
    ScoreFormIn,
    ScoreIn,
)
from tandem.domains.contact.attending import answering, desks, knowledge, matching, projection
from tandem.domains.contact.attending.events import DESK_TOLD
from tandem.domains.contact.attending.shapes import DeskChange, NewKnowledgeArticle
from tandem.domains.contact.gateway import GatewayFailure
from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import Conflict, InvalidInput, NotFound
from tandem.kernel.ids import bucket_of, new_id
from tandem.kernel.turn import Turn
from tandem.stream.keys import tenant_keys
from tandem.stream.projection import LIVE, AppliedEvent
from tandem.stream.rights.erase import erase


class Watched(Office):
    """A corporation whose chats are archived, and whose desk answers."""

    turn_to_speak = 0

    def read(self) -> None:
        """Read on in the archive, as the job does, and take what it told."""
        self.owner("update archive_account set next_at = now(), leased_until = null")
        self.owner("update archive_stray set next_at = now()")
        taking.take(self.door.db, self.door.tenant)
        self.apply()

    def apply(self) -> None:
        """As the turns do, with the step that tells of those who wait."""
        super().apply()
        with self.door.tx("worker") as tx:
            alarms.tell(Turn(tx, list(range(256))), 100)
        super().apply()

    def friend(self, number: int) -> tuple[str, str]:
        """A customer of long ago and the adviser who follows her: (external, member)."""
        one = list(self.corp.contacts.values())[number]
        return one.id, next(iter(one.follows))

    def chat(self, number: int, text: str, *, by: str = "customer", minutes: float = 0.0, kind: str = "text") -> str:
        external, member = self.friend(number)
        # WeCom tells times by the millisecond: two things said in one would have no order.
        self.turn_to_speak += 1
        at = datetime.now(UTC) - timedelta(minutes=minutes) + timedelta(milliseconds=self.turn_to_speak)
        inner = {"content": text} if kind == "text" else {}
        return there.says(
            self.corp, member, self.corp.contacts[external], at, by_customer=by == "customer", kind=kind, **inner
        )

    def talk(self, number: int) -> reading.TalkRow | None:
        external, member = self.friend(number)
        with self.door.tx("web") as tx:
            rows, _ = reading.list_talks(
                tx, which="all", member=member, customer=self.customer(external), cursor=None, limit=10
            )
        return rows[0] if rows else None

    def said(self, number: int, q: str | None = None) -> list[str]:
        talk = self.talk(number)
        if talk is None:
            return []
        with self.door.tx("web") as tx:
            rows, _ = reading.messages(tx, talk.id, q=q, cursor=None, limit=50)
        return [one.text for one in reversed(rows)]

    def customer(self, external: str) -> UUID:
        with self.door.tx("worker") as tx:
            value = tenant_keys(tx).blind("open_id", self.shop.settings["corp_id"], external)
            return tx.value(
                "select customer_id from identifier where kind = 'open_id' and value_hash = %(v)s", {"v": value}
            )

    def told(self, kind: str) -> list[dict[str, Any]]:
        rows = self.door.rows(f"select payload from event where type = '{kind}' order by event_id")
        return [row[0] for row in rows]

    # --------------------------------------------------------------------------------------------------------- desk

    def asks(self, number: int, text: str, *, kind: str = "text") -> None:
        """A customer writes to customer service, and what the desk planned is said."""
        SIMULATOR.act(self.shop, "say", {"customer": self.friend(number)[0], "text": text, "kind": kind})
        self.come()

    def come(self) -> None:
        self.hear()
        self.work()
        self.apply()

    def say(self) -> int:
        return answering.say_due(self.door.db, self.door.tenant)

    def answers(self, number: int) -> list[str]:
        """What a customer was sent."""
        external = self.friend(number)[0]
        sent = [one for one in kf.answers(self.corp) if one["to"] == external]
        return [(one.get("text") or {}).get("content") or one["msgmenu"]["head_content"] for one in sent]

    def desk(self, number: int) -> dict[str, Any]:
        external = self.friend(number)[0]
        rows = self.door.rows(
            "select state, member, waiting_since is not null, alarmed_at is not null from desk_talk where customer_id = %s",
            self.customer(external),
        )
        return dict(zip(("state", "member", "waits", "late"), rows[0], strict=True))

    def serves(self, **given: Any) -> None:
        with self.door.tx("web") as tx:
            (desk,) = desks.list_desks(tx)
            desks.change_desk(tx, desk.id, DeskChange(**given))


@pytest.fixture(scope="module")
def office(module_database: Database) -> Iterator[Watched]:
    with opened(Watched, module_database) as made:
        made.start()
        made.work()
        made.apply()
        with made.door.tx("web") as tx:
            inspecting.put_list(tx, NewInspectionList(name="私下交易", said_by="staff", words=["转账", "私人微信"]))
            inspecting.put_list(tx, NewInspectionList(name="投诉", said_by="customer", words=["投诉", "退款"]))
            accounts.change(tx, made.account, ArchiveChange(active=True, hours=[], alarm_minutes=30, sample_n=0))
        made.read()
        desks.read_desks(made.door.db, made.door.tenant)
        made.corp.store("kf_account")[kf.kf_account(made.corp)]["servicers"].append(ZHAO)
        with made.door.tx("web") as tx:
            for title, answer, more in (
                ("几点开门关门", "门店每天 9 点到 21 点营业。", ["今天几点关门", "营业时间是什么时候"]),
                ("怎么退换货", "7 天内凭小票到店退换。", ["退货怎么操作", "买错了可以退吗"]),
                ("积分怎么换礼品", "小程序“我的-积分兑换”里换。", ["积分可以换什么"]),
            ):
                one = knowledge.put_article(tx, NewKnowledgeArticle(title=title, answer=answer, questions=more))
                knowledge.rule(tx, one, "approved")
        yield made


def test_chats_are_kept_once_and_only_with_consent(office: Watched) -> None:
    assert office.said(0)[0] == "在吗？奶粉 3 段现在有活动吗"
    count = office.door.value("select count(*) from archive_message")
    seq = office.door.value("select seq from archive_account")
    assert count == seq == len(there._log(office.corp))
    # Read again from the beginning: nothing is kept twice.
    office.owner("update archive_account set seq = 0")
    office.read()
    assert office.door.value("select count(*) from archive_message") == count
    assert office.door.value("select sum(messages) from archive_talk") == count
    # Nothing lies open.
    assert (
        office.door.rows("select 1 from archive_message where position(convert_to('奶粉', 'UTF8') in text_enc) > 0")
        == []
    )
    office.chat(20, "记得别存")
    contact = office.corp.contacts[office.friend(20)[0]]
    there.consent(office.corp, office.friend(20)[1], contact, datetime.now(UTC), agreed=False)
    office.read()
    assert office.talk(20) is None
    with office.door.tx("web") as tx, pytest.raises(NotFound):
        reading.get_talk(tx, office.door.value("select id from archive_talk where consent = 'refused'"))
    there.consent(office.corp, office.friend(20)[1], contact, datetime.now(UTC), agreed=True)
    office.chat(20, "现在可以存了")
    office.read()
    assert office.said(20) == ["现在可以存了"]
    assert office.door.value("select withheld from archive_account") == 1
    # What she said before she agreed stays out, however late the archive brings it.
    office.chat(20, "同意之前说的", minutes=10)
    office.read()
    assert office.said(20) == ["现在可以存了"]
    assert office.door.value("select withheld from archive_account") == 2


def test_one_pair_that_the_platform_refuses_stops_nobody_else(office: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """And numbers of the archive are larger than 32 bits."""
    asked = WeComArchive.consents
    unknown = office.friend(30)[0]

    def consents(line: WeComArchive, pairs: Sequence[tuple[str, str]]) -> list[Consent]:
        if any(external == unknown for _, external in pairs):
            raise GatewayFailure("refused", "invalid external_userid", "40096")
        return asked(line, pairs)

    monkeypatch.setattr(WeComArchive, "consents", consents)
    for number in (29, 30, 31):
        office.chat(number, "都能存吗")
    office.read()
    assert [office.said(number) for number in (29, 30, 31)] == [["都能存吗"], [], ["都能存吗"]]
    assert office.door.value("select problem from archive_account") is None
    with office.door.tx("worker") as tx:
        office.owner(f"update archive_account set seq = {2**40}")
        strays.put(tx, office.account, [Said(2**40, "m", tx.now)])
    assert office.door.value("select max(seq) from archive_stray") == office.door.value(
        "select seq from archive_account"
    )
    office.owner("delete from archive_stray")
    office.owner(f"update archive_account set seq = {len(there._log(office.corp))}")


def test_her_timeline_has_a_line_for_a_talk_and_a_day(office: Watched) -> None:
    with office.door.tx("web") as tx:
        (line,) = timeline.days(tx, office.customer(office.friend(0)[0]), None, 10)
        assert timeline.days(tx, office.customer(office.friend(0)[0]), (line.at, line.id), 10) == []
    assert line.summary.zh.endswith("客户 3 条，导购 3 条")
    assert "奶粉" not in line.summary.zh


def test_a_worker_that_dies_between_pull_and_commit_loses_nothing(
    office: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = office.door.value("select seq from archive_account")
    office.chat(21, "会丢吗？")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(taking.strays, "put", dies)
        office.owner("update archive_account set next_at = now()")
        with pytest.raises(KeyboardInterrupt):
            taking.take(office.door.db, office.door.tenant)
    assert office.door.value("select seq from archive_account") == before
    assert office.said(21) == []
    # Somebody else takes over when the lease is over; whoever held it before can write no more.
    office.read()
    assert office.said(21) == ["会丢吗？"]
    office.read()
    assert office.said(21) == ["会丢吗？"]


def test_what_a_stranger_said_waits_until_she_is_known(office: Watched) -> None:
    made = office.corp.contacts[SIMULATOR.act(office.shop, "friend", {"member": LIN, "name": "新来的"})["customer"]]
    made.follows[LIN].chatted = True
    there.says(office.corp, LIN, made, datetime.now(UTC), by_customer=True, content="我刚加上")
    office.read()
    assert office.door.value("select count(*) from archive_stray") == 1
    office.come()
    office.read()
    assert office.door.value("select count(*) from archive_stray") == 0
    assert office.door.value("select count(*) from archive_talk where customer_id = %s", office.customer(made.id)) == 1


def test_a_strangers_words_go_though_the_archive_answers_no_more(
    office: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise GatewayFailure("set_up", "the archive's secret is wrong")

    with office.door.tx("worker") as tx:
        strays.put(tx, office.account, [Said(2**40, "m", tx.now), Said(2**40 + 1, "n", tx.now)])
    office.owner("update archive_stray set arrived_at = now() - interval '4 days' where seq = %s", 2**40)
    with monkeypatch.context() as broken:
        broken.setattr(WeComArchive, "pull", refuses)
        office.read()
    assert office.door.rows("select seq from archive_stray") == [(2**40 + 1,)]
    for active in (False, True):
        with office.door.tx("web") as tx:
            accounts.change(tx, office.account, ArchiveChange(active=active))
        assert office.door.value("select count(*) from archive_stray") == 0
    office.read()


def test_watched_words_are_found_and_told(office: Watched) -> None:
    with office.door.tx("web") as tx:
        found, _ = inspecting.list_hits(tx, state="open", said_by=None, cursor=None, limit=50)
    said = {(one.row.list, one.row.word, one.row.said_by) for one in found}
    assert ("私下交易", "转账", "staff") in said
    assert ("投诉", "投诉", "customer") in said
    hit = next(one for one in found if one.row.word == "转账")
    assert "转账给我个人" in hit.context
    assert {"list": "私下交易", "word": "转账", "said_by": "staff", "member": hit.row.member} in office.told(
        "chat.keyword_hit"
    )
    with office.door.tx("web") as tx:
        inspecting.settle_hit(tx, hit.row.id, InspectionHitChange(state="handled", note="已谈话"))
        left, _ = inspecting.list_hits(tx, state="open", said_by=None, cursor=None, limit=50)
    assert hit.row.id not in {one.row.id for one in left}
    assert office.door.value("select count(*) from audit_entry where action = 'archive_talk.read'") > 0


def test_a_cursor_that_was_made_up_hides_no_look(office: Watched) -> None:
    seen = "select count(*) from audit_entry where action in ('archive_talk.read', 'inspection_hit.read')"
    made_up = to_cursor("9999-01-01T00:00:00+00:00", "ffffffff-ffff-ffff-ffff-ffffffffffff")
    before = office.door.value(seen)
    with office.door.tx("web") as tx:
        hits, _ = inspecting.list_hits(tx, state=None, said_by=None, cursor=made_up, limit=50)
        said, _ = reading.messages(tx, hits[0].row.talk_id, q=None, cursor=made_up, limit=50)
    assert said
    assert office.door.value(seen) == before + 2


def test_a_search_goes_through_all_talks_that_one_may_read(office: Watched) -> None:
    """Back in time, so many messages at once, and never past consent or the caller's scope."""
    for number, text in ((23, "石榴汁有ＶＩＰ价吗"), (24, "我也要石榴汁"), (25, "石榴汁别存了"), (23, "谢谢")):
        office.chat(number, text)
    office.chat(24, "石榴汁给您 vip 价", by="staff")
    office.read()
    refused, who = office.friend(25), [office.customer(office.friend(number)[0]) for number in (23, 24)]
    there.consent(office.corp, refused[1], office.corp.contacts[refused[0]], datetime.now(UTC), agreed=False)
    office.read()

    def find(text: str, *, scope: Scope | None = None, limit: int = 50, at_once: int = 5000, **more: Any) -> list[str]:
        """What is found by asking on until nothing is left."""
        found, cursor, wanted = list[str](), None, searching.Wanted(searching.words_of(text), **more)
        for _ in range(500):
            with office.door.db.tx("web", tenant=office.door.tenant, scope=scope or Scope.all()) as tx:
                told = searching.search(tx, wanted, cursor=cursor, limit=limit, opened_max=at_once)
            found += [one.text for one in told.found]
            assert told.opened <= at_once
            assert len(told.found) <= limit
            cursor = told.following
            if cursor is None:
                return found
        raise AssertionError

    said = ["石榴汁给您 vip 价", "我也要石榴汁", "石榴汁有ＶＩＰ价吗"]
    assert find("石榴汁") == find("石榴汁", limit=1) == find("石榴汁", at_once=2) == said
    assert find("vip 石榴") == [said[0], said[2]]
    assert find("石榴汁", said_by="staff") == said[:1]
    assert find("石榴汁", customer=who[0]) == said[2:]
    assert find("石榴汁", customer=who[1], member=office.friend(24)[1]) == said[:2]
    assert find("石榴汁", member="nobody") == []
    later = datetime.now(UTC) + timedelta(hours=1)
    assert find("石榴汁", until=later) == said
    assert find("石榴汁", since=later) == []
    # Whoever may read nobody's talks finds nothing, and opens nothing.
    assert find("石榴汁", scope=Scope("store", ())) == []
    with pytest.raises(InvalidInput):
        searching.words_of(" 　")


def test_a_search_is_on_the_trail_without_its_words(office: Watched) -> None:
    trail = "select action, entity_id, after from audit_entry where not id = any(%s)"
    before = [row[0] for row in office.door.rows("select id from audit_entry")]
    with office.door.tx("web") as tx:
        told = searching.search(tx, searching.Wanted(searching.words_of("转账")), cursor=None, limit=50)
    noted = office.door.rows(trail, before)
    (searched,) = [row for row in noted if row[0] == "archive.searched"]
    assert searched[2] == {"words": "***", "opened": told.opened, "shown": len(told.found)}
    read = {(row[1], row[2]["talk"]) for row in noted if row[0] == "archive_talk.read"}
    assert read == {(str(one.row.customer_id), str(one.row.talk_id)) for one in told.found}
    assert read
    assert "转账" not in str(noted)


def test_reply_times_and_whoever_waits_too_long(office: Watched) -> None:
    office.chat(22, "在吗", minutes=50)
    office.chat(22, "来了来了", by="staff", minutes=44)
    office.chat(22, "还有货吗", minutes=40)
    office.read()
    talk = office.talk(22)
    assert talk is not None
    assert talk.waiting_since is not None
    assert talk.alarmed_at is not None
    member = office.friend(22)[1]
    assert {"through": "adviser", "member": member, "minutes": 30} in office.told("chat.unanswered")
    seconds = office.door.value("select seconds from archive_reply where talk_id = %s", talk.id)
    assert abs(seconds - 360) <= 1
    alarms = len(office.told("chat.unanswered"))
    office.read()
    assert len(office.told("chat.unanswered")) == alarms
    with office.door.tx("web") as tx:
        figures = {one.member: one for one in reading.reply_figures(tx, 7)}
    assert figures[member].alarmed >= 1
    office.chat(22, "有的", by="staff")
    office.read()
    answered = office.talk(22)
    assert answered is not None
    assert answered.waiting_since is None
    assert office.door.value(
        "select late from archive_reply where talk_id = %s order by asked_at desc limit 1", talk.id
    )


def test_a_recalled_message_says_so(office: Watched) -> None:
    number = office.chat(23, "发错了")
    there.recalls(office.corp, number, datetime.now(UTC))
    office.read()
    talk = office.talk(23)
    assert talk is not None
    with office.door.tx("web") as tx:
        (row,), _ = reading.messages(tx, talk.id, q="发错", cursor=None, limit=10)
    assert row.recalled_at is not None


def test_a_file_is_fetched_piece_by_piece(office: Watched) -> None:
    talk = office.talk(1)
    assert talk is not None
    with office.door.tx("web") as tx:
        rows, _ = reading.messages(tx, talk.id, q=None, cursor=None, limit=50)
        name, content = reading.file_of(office.door.db, tx, talk.id, next(one.id for one in rows if one.kind == "file"))
    assert name == "售后登记表.pdf"
    assert len(content) == 640_000


def test_talks_are_drawn_by_lot_scored_and_appealed(office: Watched) -> None:
    with office.door.tx("worker") as tx:
        this = sampling.week_of(tx.now.date())
        weeks = [this, this - timedelta(days=7)]  # the first days' talks may lie on both sides of a Monday
        drawn = sum(sampling.draw(tx, office.account, week, 1) for week in weeks)
        again = sum(sampling.draw(tx, office.account, week, 1) for week in weeks)
    assert drawn > 1
    assert again == 0
    with office.door.tx("web") as tx:
        rows, _ = scoring.list_samples(tx, state="open", cursor=None, limit=50)
    assert len({(one.member, one.week) for one in rows}) == len(rows) == drawn
    one = rows[0]
    rows = [one, *(row for row in rows if row.member != one.member)]
    full = {item["key"]: item["points"] for item in scoring.FIRST_FORM["criteria"]}
    with office.door.tx("web") as tx:
        assert scoring.score(tx, one.id, ScoreIn(scores=full | {"speed": 5}, comment="太慢")).total == 80
        assert scoring.appeal(tx, one.id, "当天店里停电").state == "appealed"
        settled = scoring.score(tx, one.id, ScoreIn(scores=full))
        assert (settled.state, settled.total, settled.first_total) == ("settled", 100, 80)
        with pytest.raises(Conflict):
            scoring.score(tx, one.id, ScoreIn(scores=full))
        fatal = scoring.score(tx, rows[1].id, ScoreIn(scores=full, fatal=["引导私下转账"]))
        assert fatal.total == 0
        # Another form from now on: what has its score is looked at again by the form of its time.
        whole = ScoreFormIn(name="新表", criteria=[ScoreCriterion(key="all", name="总体", points=100)])
        made = scoring.put_form(tx, whole)
        assert scoring.form_for(tx, rows[1]).name == "新表"
        assert scoring.form_for(tx, fatal).name == scoring.FIRST_FORM["name"]
        assert scoring.form_for(tx, replace(fatal, form_id=made.id)) == made
        with pytest.raises(InvalidInput):
            scoring.score(tx, fatal.id, ScoreIn(scores={"all": 90}))
        assert scoring.score(tx, fatal.id, ScoreIn(scores=full)).total == 100
        figures = {row.member: row for row in scoring.figures(tx, weeks[1])}
    assert (figures[one.member].mean, figures[one.member].appeals) == (100.0, 1)


# ------------------------------------------------------------------------------------------------------------------ W11


def test_a_question_out_of_hours_is_answered_from_the_knowledge_base(office: Watched) -> None:
    closed = [{"days": [datetime.now(UTC).isoweekday() % 7 + 1], "from": "09:00", "until": "09:01"}]
    office.serves(active=True, hours=closed, polite="稍后有同事回复您", hand_to=ZHAO)
    office.asks(2, "请问你们今天几点关门呀？")
    assert office.say() == 1
    assert office.answers(2) == ["门店每天 9 点到 21 点营业。"]
    assert office.desk(2) == {"state": "open", "member": "", "waits": False, "late": False}
    # The same callback again, another round: nothing is said twice.
    office.come()
    assert office.say() == 0
    assert office.answers(2) == ["门店每天 9 点到 21 点营业。"]


def test_what_the_desk_knows_is_read_once_for_a_turn(office: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    known, reads = knowledge._known, list[int]()

    def read(tx: Tx) -> matching.Shelf:
        reads.append(1)
        return known(tx)

    def event(number: int) -> AppliedEvent:
        said = {
            "talk_id": str(new_id()),
            "desk_id": str(desk.id),
            "message_id": str(new_id()),
            "number": f"n{number}",
            "by": "customer",
        }
        asked = office.customer(office.friend(number)[0])
        payload = {**said, "kind": "text", "text": "今天几点关门", "member": "", "over": False}
        return AppliedEvent(bucket_of(asked), new_id(), DESK_TOLD, asked, asked, now, now, 0, LIVE, payload)

    with office.door.tx("worker") as tx:
        (desk,), now = desks.list_desks(tx), tx.now
        monkeypatch.setattr(knowledge, "_known", read)
        projection.project_desks(Turn(tx, list(range(256))), [event(number) for number in (11, 12, 13)])
        assert tx.value("select count(*) from desk_message where number in ('n11', 'n12', 'n13') and why = 'sure'") == 3
        tx.conn.rollback()
    assert reads == [1]


def test_an_unsure_question_gets_a_polite_word_and_a_person(office: Watched) -> None:
    office.asks(3, "那个蓝色的能不能和上次一样帮我弄")
    office.say()
    assert office.answers(3) == ["稍后有同事回复您"]
    assert office.desk(3)["state"] == "asked"
    external = office.friend(3)[0]
    account = office.corp.store("kf_account")[kf.kf_account(office.corp)]
    assert account["states"][external] == (kf.PERSON, ZHAO)
    # A person is wanted: the desk says nothing more, and what she answers ends the waiting.
    office.asks(3, "今天几点关门")
    assert office.say() == 0
    SIMULATOR.act(office.shop, "kf_answer", {"customer": external, "member": ZHAO, "text": "我来帮您看"})
    office.come()
    assert office.desk(3) == {"state": "person", "member": ZHAO, "waits": False, "late": False}
    assert office.say() == 0
    # When she ends the talk, the desk serves again.
    SIMULATOR.act(office.shop, "kf_end", {"customer": external})
    office.asks(3, "今天几点关门？")
    office.say()
    assert office.answers(3) == ["稍后有同事回复您", "门店每天 9 点到 21 点营业。"]
    with office.door.tx("web") as tx:
        (talk,) = [
            one
            for one in desks.list_talks(tx, which="all", cursor=None, limit=50)[0]
            if one.customer_id == office.customer(external)
        ]
        said, _ = desks.messages(tx, talk.id, cursor=None, limit=50)
    # The platform's clock has seconds only, so what is said within one has no order.
    assert sorted(one.said_by for one in said) == ["customer", "customer", "customer", "desk", "desk", "staff"]
    assert sorted(one.why for one in said if one.said_by == "customer") == ["asked", "nothing", "sure"]


def test_a_question_that_is_not_sure_is_offered_what_comes_near(office: Watched) -> None:
    closed = [{"days": [datetime.now(UTC).isoweekday() % 7 + 1], "from": "09:00", "until": "09:01"}]
    office.serves(active=True, offers=True, hours=closed, polite="稍后有同事回复您", hand_to="")
    unsure = "积分那个礼品能换成别的退货吗"
    with office.door.tx("web") as tx:
        found = knowledge.judge(tx, unsure, 0.5)
        assert found[0].why == "unsure"
    office.asks(13, unsure)
    assert office.say() == 1
    assert office.answers(13) == [knowledge.OFFER]
    assert office.desk(13) == {"state": "open", "member": "", "waits": False, "late": False}
    menu = kf.answers(office.corp)[-1]["msgmenu"]["list"]
    labels = [one["click"]["content"] for one in menu]
    assert labels[-1] == knowledge.OFFER_PERSON
    assert "积分怎么换礼品" in labels
    used = "select used from knowledge_article where title = '积分怎么换礼品'"
    before = office.door.value(used)
    SIMULATOR.act(office.shop, "kf_touch", {"customer": office.friend(13)[0], "label": "积分怎么换礼品"})
    office.come()
    assert office.say() == 1
    assert office.answers(13)[-1] == "小程序“我的-积分兑换”里换。"
    assert office.door.value(used) == before + 1
    # Another such question is offered anew; who writes on behind a menu gets a person, as does who asks for one.
    office.asks(13, unsure)
    office.say()
    assert office.answers(13)[-1] == knowledge.OFFER
    office.asks(13, unsure)
    office.say()
    assert office.answers(13)[-1] == "稍后有同事回复您"
    assert office.desk(13)["state"] == "asked"
    office.asks(14, unsure)
    office.say()
    SIMULATOR.act(office.shop, "kf_touch", {"customer": office.friend(14)[0], "label": knowledge.OFFER_PERSON})
    office.come()
    office.say()
    assert office.answers(14) == [knowledge.OFFER, "稍后有同事回复您"]
    assert office.desk(14)["state"] == "asked"
    with office.door.tx("web") as tx:
        talks, _ = desks.list_talks(tx, which="all", cursor=None, limit=50)
        (talk,) = [one for one in talks if one.customer_id == office.customer(office.friend(14)[0])]
        said, _ = desks.messages(tx, talk.id, cursor=None, limit=50)
    assert [one.choices for one in said if one.choices] == [labels]
    assert "chose_person" in {one.why for one in said}
    office.serves(offers=False)


def test_in_hours_a_person_answers_and_the_desk_alarms(office: Watched) -> None:
    office.serves(hours=[{"days": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "until": "24:00"}], alarm_minutes=1)
    office.asks(4, "积分怎么换礼品")
    assert office.say() == 0
    assert office.desk(4)["waits"]
    office.owner("update desk_talk set alarm_at = now() where customer_id = %s", office.customer(office.friend(4)[0]))
    office.apply()
    assert office.desk(4)["late"]
    assert {"through": "kf", "member": "", "minutes": 1} in office.told("chat.unanswered")


def test_what_may_have_been_said_when_a_worker_died_is_not_said_again(office: Watched) -> None:
    office.serves(answers="always")
    office.asks(5, "买错了可以退吗")
    calls = len(kf.answers(office.corp))

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(answering, "_settle", dies)
        with pytest.raises(KeyboardInterrupt):
            office.say()
    assert len(kf.answers(office.corp)) == calls + 1
    office.owner("update desk_message set leased_until = now() - interval '1 s' where state = 'sending'")
    comes_to_buckets_first(office.door.db, office.door.tenant, answering._look_after_lost)
    assert office.say() == 0
    assert len(kf.answers(office.corp)) == calls + 1
    assert office.desk(5)["state"] == "asked"


def test_words_whose_time_with_a_slow_worker_is_over_are_not_said(
    office: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (8, 9, 10):
        office.asks(number, "积分可以换什么")
    say, said = WeComLine.say, list[str]()

    def slow(line: WeComLine, desk: str, external: str, number: str, text: str, *more: Any) -> None:
        said.append(external)
        if len(said) == 1:
            # One's lease runs out and another worker gives it to a person; a person takes over at the other's.
            left = [office.friend(one)[0] for one in (8, 9, 10) if office.friend(one)[0] != external]
            lost, served = (office.customer(one) for one in left)
            office.owner(
                "update desk_message set leased_until = now() - interval '1 s' where state = 'sending' and customer_id = %s",
                lost,
            )
            office.owner("update desk_talk set state = 'person' where customer_id = %s", served)
            office.say()
        say(line, desk, external, number, text, *more)

    monkeypatch.setattr(WeComLine, "say", slow)
    office.say()
    assert len(said) == 1
    assert sorted(office.desk(one)["state"] for one in (8, 9, 10)) == ["asked", "open", "person"]


def test_a_picture_and_a_refusal_go_to_a_person(office: Watched) -> None:
    office.asks(6, "", kind="image")
    office.say()
    assert office.answers(6) == ["稍后有同事回复您"]
    assert office.desk(6)["state"] == "asked"
    account = office.corp.store("kf_account")[kf.kf_account(office.corp)]
    account["states"][office.friend(7)[0]] = (kf.PERSON, ZHAO)
    office.asks(7, "积分可以换什么")
    office.say()
    assert office.answers(7) == []
    assert office.desk(7)["state"] == "asked"
    problem = office.door.value("select problem ->> 'code' from desk_message where state = 'failed'")
    assert problem == str(kf.BAD_STATE)


def test_a_message_that_breaks_the_library_each_time_is_set_aside_and_tried_again(
    office: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("坏的之前", "坏的", "坏的之后"):
        office.chat(20, text)
    whole = SimulatedLibrary.open

    def breaks(library: SimulatedLibrary, key: str, message: str) -> str:
        plain = whole(library, key, message)
        if json.loads(plain).get("text", {}).get("content") == "坏的":
            raise LibraryFailure("its process did not answer (EOFError)")
        return plain

    monkeypatch.setattr(SimulatedLibrary, "open", breaks)
    before = office.said(20)
    office.read()
    assert office.said(20) == [*before, "坏的之前"], "what came before it is kept"
    assert (
        office.door.value("select problem ->> 'told' from archive_account") == "its process did not answer (EOFError)"
    )
    for _ in range(quarantine.TRIES - 1):
        office.read()
        assert "坏的之后" not in office.said(20)
    office.read()
    assert office.said(20) == [*before, "坏的之前", "坏的之后"]
    with office.door.tx("web") as tx:
        (broken,) = quarantine.listed(tx, office.account)
        assert (broken.state, broken.tries, broken.why) == ("aside", 3, "its process did not answer (EOFError)")
        assert accounts.list_accounts(tx)[0].broken == 1
        quarantine.ask_again(tx, office.account, broken.seq)
    office.read()  # it breaks over it still: aside again, and the archive reads on
    office.chat(20, "后来的")
    office.read()
    with office.door.tx("web") as tx:
        assert [(one.state, one.tries) for one in quarantine.listed(tx, office.account)] == [("aside", 4)]
        quarantine.ask_again(tx, office.account, broken.seq)
    assert office.said(20)[-1] == "后来的"
    monkeypatch.undo()
    office.read()
    assert "坏的" in office.said(20)
    with office.door.tx("web") as tx:
        assert quarantine.listed(tx, office.account) == []


def test_whoever_is_erased_leaves_no_words(office: Watched) -> None:
    customer = office.customer(office.friend(1)[0])
    with office.door.tx("worker") as tx:
        erase(tx, customer)
    for table in ("archive_message", "archive_talk", "inspection_hit", "archive_reply"):
        assert office.door.value(f"select count(*) from {table} where customer_id = %s", customer) == 0


def test_sealed_as_the_platform_seals(office: Watched) -> None:
    row = there._sealed(office.corp, there._log(office.corp)[0])
    assert (
        Sealed(row["seq"], row["msgid"], row["publickey_ver"], row["encrypt_random_key"], row["encrypt_chat_msg"]).seq
        == 1
    )
    assert LibraryFailure("x", 10001).passing
