"""Mass messages and posts against the simulated WeCom: who may not be written to is not, one task whatever happens, everybody counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from harness.connectors import Story
from harness.database import Database
from harness.door import Door
from harness.locks import comes_to_buckets_first
from tandem.assembly import system
from tandem.connectors.kit import wire
from tandem.connectors.simulator.server import SimulatedTransport, Simulation
from tandem.connectors.wecom.simulator.corp import Corp
from tandem.connectors.wecom.simulator.platform import SIMULATOR, corp_of
from tandem.domains.contact import advisers
from tandem.domains.contact.groups import reading as group_reading
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.playbook import driving as driving_plans
from tandem.domains.contact.playbook import plans
from tandem.domains.contact.playbook import reading as playbook_reading
from tandem.domains.contact.playbook.shapes import NewPlaybook
from tandem.domains.contact.sending import driving, reading, ruling, service, tasks
from tandem.domains.contact.sending.holding import LEASE, Held, Work, renewed
from tandem.domains.contact.sending.shapes import MassSendChange, NewMassSend
from tandem.domains.messaging.words import service as words
from tandem.kernel.db import Scope
from tandem.kernel.errors import TandemError
from tandem.kernel.ids import new_id
from tandem.kernel.settings import settings
from tandem.kernel.turn import Turn
from tandem.stream.apply import apply

LIN = "linxiaotong"
ALL = list(range(256))


class Deaf(SimulatedTransport):
    """The platform does what it is asked, and some answers never arrive."""

    def __init__(self, simulation: Simulation) -> None:
        super().__init__(simulation)
        self.lose: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        name = request.url.path.rpartition("/")[2]
        if name in self.lose:
            self.lose.discard(name)
            raise httpx.ReadTimeout("no answer", request=request)
        return answer


class Sending(Story):
    """One corporation whose customers are known, in one segment."""

    segment: UUID

    @property
    def corp(self) -> Corp:
        return corp_of(self.shop)

    @property
    def db(self) -> Any:
        return self.door.db

    def sql(self, text: str, params: Any = ()) -> None:
        with self.door.database.connect() as owner:
            owner.execute(text, params or None)

    def know(self) -> None:
        """Customers, advisers and groups are read, and all customers put into a segment."""
        self.start()
        self.work()
        advisers.read_due(self.db, self.door.tenant)
        while group_reading.list_due(self.db, self.door.tenant) + group_reading.read_due(self.db, self.door.tenant):
            pass
        self.resolve()
        self.apply()
        self.segment = new_id()
        self.sql(
            "insert into segment (tenant_id, id, name, kind, version, created_at, updated_at) values (%s, %s, '全部客户', 'static', 1, now(), now())",
            (self.door.tenant, self.segment),
        )
        self.sql(
            """
            insert into segment_member (bucket, tenant_id, customer_id, origin_id, segment_id, since, version)
            select distinct bucket, tenant_id, customer_id, customer_id, %s::uuid, now(), 1 from friendship
            """,
            (self.segment,),
        )

    def apply(self) -> None:
        for _ in range(3):
            for lane in (0, 1, 2):
                with self.door.tx("worker") as tx:
                    applied = apply(Turn(tx, ALL), system(), 1000, lane)
                assert not applied.failures, applied.failures

    def draft(self, name: str, body: str = "新品到店，欢迎来看", **more: Any) -> UUID:
        given = {"segment_id": self.segment} | more if more.get("kind", "customers") == "customers" else more
        with self.door.tx("web") as tx:
            asked = {"account_id": self.account, "name": name, "body": body, **given}
            return service.create_send(tx, NewMassSend.model_validate(asked))

    def check(self, send: UUID) -> None:
        with self.door.tx("web") as tx:
            service.check_send(tx, send)
        self.bring_on()

    def start_it(self, send: UUID) -> None:
        with self.door.tx("web") as tx:
            service.start_send(tx, send)
        self.bring_on()

    def bring_on(self) -> None:
        """Turns and jobs until nothing moves any more."""
        before: list[Any] = []
        for _ in range(6):
            driving.bring_on(self.db, self.door.tenant)
            with self.door.tx("worker") as tx:
                worked = ruling.rule(Turn(tx, ALL), 1000)
            worked += tasks.work_due(self.db, self.door.tenant)
            self.sql("update mass_send set due_at = now() where due_at is not null")
            now = self.door.rows("select id, status from mass_send order by id")
            if not worked and now == before:
                return
            before = now

    def to_tasks(self) -> None:
        """As far as the platform's tasks, none of which is asked for."""
        for _ in range(3):
            driving.bring_on(self.db, self.door.tenant)
            with self.door.tx("worker") as tx:
                ruling.rule(Turn(tx, ALL), 1000)
            self.sql("update mass_send set due_at = now() where due_at is not null")

    def later(self, after: str = "1 minute") -> None:
        """Time passes for the platform's tasks."""
        self.sql(
            f"update mass_send_task set due_at = now(), asked_at = asked_at - interval '{after}', made_at = made_at - interval '{after}' where due_at is not null"
        )
        self.bring_on()

    def counts(self, send: UUID) -> dict[tuple[str, str | None], int]:
        with self.door.tx("web") as tx:
            return {(one.state, one.reason): one.n for one in service.counts_of(tx, [send])[send]}

    def status(self, send: UUID) -> str:
        return self.door.value(f"select status from mass_send where id = '{send}'")

    def refs(self, send: UUID) -> dict[str, str]:
        return dict(
            self.door.rows(f"select member, ref from mass_send_task where mass_send_id = '{send}' and ref is not null")
        )

    def confirm(self, send: UUID, *members: str) -> None:
        for member, ref in self.refs(send).items():
            if not members or member in members:
                SIMULATOR.act(self.shop, "confirm", {"msgid": ref, "member": member})

    def booked(self) -> int:
        return self.door.value("select count(*) from outbox_message where booked_at is not null and channel = 'wecom'")


@pytest.fixture(scope="module")
def deaf() -> Deaf:
    return Deaf(Simulation(epoch=datetime.now(UTC) - timedelta(days=2), orders_before=1))


@pytest.fixture(scope="module")
def one_office(module_database: Database, deaf: Deaf) -> Iterator[Sending]:
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    settings.cache_clear()
    door = Door(module_database)
    made = Sending("wecom", door, deaf.simulation)
    made.connect()
    wire.route.append(deaf)
    made.know()
    yield made
    wire.route.clear()
    made.wire.close()
    door.close()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def office(one_office: Sending) -> Sending:
    """Nothing was ever sent."""
    one_office.sql(
        "truncate mass_send, mass_send_person, mass_send_group, mass_send_task, mass_send_post, mass_account, outbox_message, frequency_cap, connector_bucket"
    )
    one_office.sql("update customer set do_not_contact = false where do_not_contact")
    for store in ("mass", "moment", "moment_job"):
        one_office.corp.store(store).clear()
    one_office.corp.outgoing.clear()
    for contact in one_office.corp.contacts.values():
        contact.sent.clear()
    return one_office


def test_nobody_is_written_to_before_staff_say_so_and_everybody_is_counted(office: Sending) -> None:
    send = office.draft("新品")
    office.check(send)
    assert (office.status(send), office.counts(send)) == ("checked", {("ready", None): 40})
    assert (office.booked(), office.corp.store("mass")) == (0, {}), "checking creates and books nothing"
    office.start_it(send)
    assert (office.status(send), office.counts(send), office.booked()) == ("running", {("asked", None): 40}, 40)
    tasked = [target for one in office.corp.store("mass").values() for target in one["rows"]]
    assert sorted(tasked) == sorted(office.corp.contacts), "each customer once, by one adviser"
    assert office.corp.outgoing == []
    # One adviser confirms, one of hers has removed her meanwhile.
    mine = next(one["rows"] for one in office.corp.store("mass").values() if one["creator"] == LIN)
    gone = office.corp.contacts[next(iter(mine))]
    follow = gone.follows.pop(LIN)
    office.confirm(send, LIN)
    gone.follows[LIN] = follow
    office.later()
    counts = office.counts(send)
    assert counts == {("asked", None): 40 - len(mine), ("sent", None): len(mine) - 1, ("refused", "no_friend"): 1}
    assert office.booked() == 39, "whoever was not reached has her cap back"
    told = dict(office.door.rows("select type, count(*) from inbox where type like 'message.%' group by 1"))
    assert told == {"message.sent": len(mine) - 1, "message.failed": 1}
    office.confirm(send)
    office.later()
    assert (office.status(send), sum(n for (state, _), n in office.counts(send).items() if state == "sent")) == (
        "done",
        39,
    )
    office.sql("delete from inbox where type like 'message.%'")


def test_who_may_not_be_written_to_is_left_out_with_the_reason(office: Sending) -> None:
    rows = office.door.rows("select distinct customer_id, bucket from friendship order by 1 limit 3")
    office.sql("update customer set do_not_contact = true where id = %s", (rows[0][0],))
    office.sql("insert into frequency_cap (tenant_id, per_day) values (%s, 1)", (office.door.tenant,))
    first = office.draft("第一次")
    office.check(first)
    assert office.counts(first) == {("ready", None): 39, ("held", "do_not_contact"): 1}
    office.start_it(first)
    second = office.draft("第二次", "同一天再发")
    office.check(second)
    assert office.counts(second) == {("held", "capped"): 39, ("held", "do_not_contact"): 1}
    office.start_it(second)
    assert (office.status(second), len(office.corp.store("mass"))) == ("done", len(office.refs(first)))


def test_the_platforms_own_quota_is_data(office: Sending) -> None:
    office.sql(
        "insert into mass_account (tenant_id, account_id, quota, quota_n) values (%s, %s, 'per_day', 1)",
        (office.door.tenant, office.account),
    )
    first = office.draft("一")
    office.check(first)
    second = office.draft("二", "另一条")
    office.check(second)
    assert office.counts(second) == {("ready", None): 40}, "what was only checked counts for nothing"
    office.start_it(first)
    office.start_it(second)
    assert office.counts(second) == {("held", "platform_quota"): 40}, "asked again before it is booked"
    with office.door.tx("web") as tx:
        service.cancel_send(tx, first)
    office.later()
    assert office.counts(first) == {("cancelled", "cancelled"): 40}
    assert office.booked() == 0
    third = office.draft("三", "第三条")
    office.check(third)
    assert office.counts(third) == {("ready", None): 40}, "what was cancelled is given back"


def test_in_quiet_hours_it_waits_for_their_end(office: Sending) -> None:
    send = office.draft("夜里")
    office.check(send)
    now = office.door.value("select (now() at time zone 'Asia/Shanghai')::time")
    hour = now.hour
    office.sql(
        "insert into frequency_cap (tenant_id, quiet_from, quiet_until) values (%s, %s, %s)",
        (office.door.tenant, f"{hour:02d}:00", f"{(hour + 2) % 24:02d}:00"),
    )
    office.start_it(send)
    assert (office.status(send), office.counts(send)) == ("booking", {("booking", "quiet_hours"): 40})
    assert office.corp.store("mass") == {}
    office.sql("update frequency_cap set quiet_from = null, quiet_until = null")
    office.sql("update mass_send_person set due_at = now()")
    office.bring_on()
    assert (office.status(send), office.counts(send)) == ("running", {("asked", None): 40})


def test_a_lost_answer_makes_no_second_task(office: Sending, deaf: Deaf) -> None:
    send = office.draft("只一次")
    office.check(send)
    deaf.lose.add("add_msg_template")
    office.start_it(send)
    advisers_ = {one["creator"] for one in office.corp.store("mass").values()}
    assert len(office.refs(send)) == len(advisers_) - 1, "one was made and we were not told"
    office.later()
    assert len(office.corp.store("mass")) == len(advisers_)
    assert sorted(office.refs(send).values()) == sorted(office.corp.store("mass"))
    assert office.counts(send) == {("asked", None): 40}
    # A worker dies between the moment of asking and the call: nothing is there, so it is asked once it would be listed.
    again = office.draft("再一次", "死在半路")
    office.check(again)
    office.sql("update mass_send set due_at = null")
    with office.door.tx("web") as tx:
        service.start_send(tx, again)
    office.to_tasks()
    before = len(office.corp.store("mass"))
    office.sql("update mass_send_task set state = 'making', asked_at = now() where ref is null")
    tasks.work_due(office.db, office.door.tenant)
    assert len(office.corp.store("mass")) == before, "too soon to believe that it is not there"
    office.later()
    assert len(office.corp.store("mass")) == before + len(advisers_)
    assert office.counts(again) == {("asked", None): 40}


def test_a_large_audience_is_divided_by_what_the_platform_takes(office: Sending) -> None:
    office.sql(
        "insert into mass_account (tenant_id, account_id, task_max) values (%s, %s, 3)",
        (office.door.tenant, office.account),
    )
    send = office.draft("分批")
    office.check(send)
    office.start_it(send)
    for _ in range(3):
        office.bring_on()
    sizes = [len(one["rows"]) for one in office.corp.store("mass").values()]
    assert (sum(sizes), max(sizes)) == (40, 3)
    assert office.status(send) == "running"


def test_staff_are_reminded_three_times_a_day_and_what_nobody_confirms_ends(office: Sending) -> None:
    send = office.draft("提醒", members=[LIN])
    office.check(send)
    held = office.counts(send)[("held", "no_adviser")]
    office.start_it(send)
    for _ in range(3):
        with office.door.tx("web") as tx:
            assert service.remind(tx, send) == 1
        office.later()
    with office.door.tx("web") as tx, pytest.raises(TandemError) as refused:
        service.remind(tx, send)
    assert refused.value.code == "nobody_to_remind"
    (task,) = office.corp.store("mass").values()
    assert len(task["reminded"]) == 3
    office.later("31 days")
    assert office.counts(send) == {("held", "no_adviser"): held, ("cancelled", "not_confirmed"): 40 - held}
    assert (office.status(send), office.booked()) == ("done", 0)


def test_groups_are_written_to_by_their_owners(office: Sending) -> None:
    group = office.door.value("select id from group_chat where name = '妈妈交流群'")
    send = office.draft("群发到群", kind="groups", groups=[group])
    office.check(send)
    office.start_it(send)
    assert office.counts(send) == {("asked", None): 1}
    office.confirm(send)
    office.later()
    assert (office.status(send), office.counts(send)) == ("done", {("sent", None): 1})
    with office.door.tx("web") as tx:
        assert [(row.group, row.state) for row in reading.groups_of(tx, send)] == [("妈妈交流群", "sent")]


def test_a_post_is_made_once_published_by_staff_and_its_likes_counted(office: Sending, deaf: Deaf) -> None:
    two = [{"msgtype": "link", "link": {"url": "https://a.test"}}, {"msgtype": "image", "image": {"media_id": "m"}}]
    with office.door.tx("web") as tx, pytest.raises(TandemError):
        service.create_send(tx, NewMassSend(account_id=office.account, name="错", kind="moments", attachments=two))
    send = office.draft("朋友圈", "秋天的第一件毛衣", kind="moments", members=[LIN, "zhaomin"])
    office.check(send)
    deaf.lose.add("add_moment_task")
    office.start_it(send)
    office.later()
    office.later()
    assert len(office.corp.store("moment")) == 1, "found, not made again"
    (moment,) = office.corp.store("moment")
    SIMULATOR.act(office.shop, "publish", {"moment_id": moment, "member": LIN})
    who = next(iter(office.corp.contacts))
    SIMULATOR.act(office.shop, "react", {"moment_id": moment, "member": LIN, "customer": who, "how": "like"})
    office.later()
    with office.door.tx("web") as tx:
        rows, _ = reading.posts_of(tx, send, cursor=None, limit=10)
    assert [(row.adviser, row.published, row.likes) for row in rows] == [("林晓彤", True, 1), ("赵敏", False, 0)]
    # Flows hear of each once, however often it is read, and of a colleague's never.
    SIMULATOR.act(office.shop, "react", {"moment_id": moment, "member": LIN, "customer": who, "how": "comment"})
    office.corp.store("moment")[moment]["like"].append({"userid": LIN, "create_time": 1_700_000_000, "by": "zhaomin"})
    for _ in range(2):
        office.later()
        office.resolve()
        office.apply()
    heard = office.door.rows(
        "select type, payload->>'post', payload->>'member', count(*) from event where type like 'post.%' group by 1, 2, 3"
    )
    assert sorted(heard) == [("post.commented", "朋友圈", LIN, 1), ("post.liked", "朋友圈", LIN, 1)]


def test_a_post_is_seen_by_tag_and_by_nobody_once_the_tags_are_gone(office: Sending) -> None:
    group, tag = new_id(), new_id()
    keys = (office.door.tenant, office.account)
    office.sql(
        "insert into platform_tag_group (tenant_id, account_id, id, name) values (%s, %s, %s, '肤质')", (*keys, group)
    )
    office.sql(
        "insert into platform_tag (tenant_id, account_id, id, group_row, tag_id, name, tag) values (%s, %s, %s, %s, 'etDry', '干皮', '干皮')",
        (*keys, tag, group),
    )
    with pytest.raises(TandemError):
        office.draft("群发不按标签", tags=[tag])
    send = office.draft("朋友圈", "给干皮的你", kind="moments", members=[LIN], tags=[tag])
    later = office.draft("朋友圈", "晚一步", kind="moments", members=[LIN], tags=[tag])
    for one in (send, later):
        office.check(one)
    office.start_it(send)
    assert [one["tags"] for one in office.corp.store("moment").values()] == [["etDry"]]
    office.sql("update platform_tag set status = 'gone', tag_id = null where id = %s", (tag,))
    office.start_it(later)
    assert len(office.corp.store("moment")) == 1, "rather nobody than everybody"
    assert office.door.value(f"select state from mass_send_task where mass_send_id = '{later}'") == "refused"


def test_only_a_draft_can_be_changed(office: Sending) -> None:
    send = office.draft("改", "一版")
    office.check(send)
    with office.door.tx("web") as tx:
        service.change_send(tx, send, MassSendChange(body="二版"))
        with pytest.raises(TandemError):
            service.start_send(tx, send)
    office.check(send)
    office.start_it(send)
    with office.door.tx("web") as tx, pytest.raises(TandemError) as refused:
        service.change_send(tx, send, MassSendChange(body="三版"))
    assert refused.value.code == "mass_send_state"
    assert {one["message"]["text"] for one in office.corp.store("mass").values()} == {"二版"}


def test_a_worker_whose_lease_ran_out_makes_no_second_task(office: Sending) -> None:
    send, post = office.draft("租约"), office.draft("朋友圈", "租约", kind="moments")
    office.check(send)
    office.check(post)
    for one in (send, post):
        with office.door.tx("web") as tx:
            service.start_send(tx, one)
    office.to_tasks()
    holder = new_id()
    with office.door.tx("worker") as tx:
        held = tx.all(Held, tasks._TAKE, {"tenant": tx.tenant_id, "limit": 10, "lease": LEASE, "holder": holder})
    office.sql("update mass_send_task set leased_until = now() - interval '1 second'")
    tasks.work_due(office.db, office.door.tenant)
    made = (len(office.corp.store("mass")), len(office.corp.store("moment_job")))
    for one in held:
        with line_of(office.db, office.door.tenant, one.account_id) as line:
            work = Work(office.db, office.door.tenant, holder, line, one)
            tasks._work(work)
            with office.door.tx("worker") as tx:
                assert renewed(tx, work) is None, "somebody else's by now"
    assert made == (len(held) - 1, 1)
    assert (len(office.corp.store("mass")), len(office.corp.store("moment_job"))) == made


def test_what_was_cancelled_is_not_asked_for_again(office: Sending) -> None:
    send, post = office.draft("取消"), office.draft("朋友圈", "取消", kind="moments")
    office.check(send)
    office.check(post)
    for one in (send, post):
        with office.door.tx("web") as tx:
            service.start_send(tx, one)
    office.to_tasks()
    office.sql("update mass_send_task set state = 'making', asked_at = now() - interval '10 minutes'")
    for one in (send, post):
        with office.door.tx("web") as tx:
            service.cancel_send(tx, one)
    office.bring_on()
    assert (office.corp.store("mass"), office.corp.store("moment_job")) == ({}, {})
    assert (office.counts(send), office.booked()) == ({("cancelled", "cancelled"): 40}, 0)
    assert office.door.rows("select distinct state from mass_send_task") == [("cancelled",)]


def test_cancelling_while_a_turn_books_gives_everybody_back(office: Sending) -> None:
    send = office.draft("竞争")
    office.check(send)
    with office.door.tx("web") as tx:
        service.start_send(tx, send)
    with office.door.tx("worker") as turn:
        ruling.rule(Turn(turn, ALL), 1000)
        with office.door.tx("web") as tx:
            tx.execute("set local lock_timeout = '5s'")
            service.cancel_send(tx, send)
    assert office.booked() == 40, "booked after it was cancelled"
    office.bring_on()
    assert (office.counts(send), office.booked()) == ({("cancelled", "cancelled"): 40}, 0)
    assert office.door.rows("select distinct status from outbox_message") == [("cancelled",)]
    assert office.door.value(f"select due_at is null from mass_send where id = '{send}'")


def test_one_turn_keeps_the_quota_over_several_messages(office: Sending) -> None:
    office.sql(
        "insert into mass_account (tenant_id, account_id, quota, quota_n) values (%s, %s, 'per_day', 1)",
        (office.door.tenant, office.account),
    )
    both = [office.draft("甲", "甲话"), office.draft("乙", "乙话")]
    for send in both:
        office.check(send)
    for send in both:
        with office.door.tx("web") as tx:
            service.start_send(tx, send)
    office.bring_on()
    every = [office.counts(send) for send in both]
    assert sum(one.get(("asked", None), 0) for one in every) == 40
    assert sum(one.get(("held", "platform_quota"), 0) for one in every) == 40


def test_only_who_sees_everybody_may_send_to_everybody(office: Sending) -> None:
    send = office.draft("范围")
    own = Scope("store", (new_id(),))
    asked = (
        service.check_send, service.start_send, service.cancel_send, service.remind,
        lambda tx, one: service.change_send(tx, one, MassSendChange(name="改")),
    )  # fmt: skip
    for ask in asked:
        with office.db.tx("web", tenant=office.door.tenant, scope=own) as tx, pytest.raises(TandemError) as refused:
            ask(tx, send)
        assert refused.value.code == "out_of_scope"


def test_what_was_cancelled_does_not_start(office: Sending) -> None:
    send = office.draft("朋友圈", "取消", kind="moments")
    office.check(send)
    for ask in (service.check_send, service.start_send, service.cancel_send):
        with office.door.tx("web") as tx:
            tx.execute("select from mass_send where id = %(id)s for update", {"id": send})
            with office.door.tx("web") as other:
                other.execute("set local lock_timeout = '20ms'")
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    ask(other, send)


def test_words_forbidden_since_go_to_nobody(office: Sending) -> None:
    link = [{"msgtype": "link", "link": {"url": "https://a.test", "title": "全场顶级好货"}}]
    checked, started = office.draft("词", attachments=link), office.draft("又", attachments=link)
    office.check(checked)
    office.check(started)
    with office.door.tx("web") as tx:
        service.start_send(tx, started)
    with office.door.tx("web") as tx:
        words.add_words(tx, ["顶级"], "block")
    try:
        with office.door.tx("web") as tx, pytest.raises(TandemError) as refused:
            service.start_send(tx, checked)
        assert refused.value.code == "forbidden_words"
        office.bring_on()
        assert (office.corp.store("mass"), office.booked()) == ({}, 0)
        assert office.counts(started) == {("refused", "forbidden_words"): 40}
    finally:
        office.sql("delete from guarded_word")
        office.sql("delete from inbox where type like 'message.%'")


def test_groups_keep_the_quota_when_their_tasks_are_made(office: Sending) -> None:
    office.sql(
        "insert into mass_account (tenant_id, account_id, quota, quota_n) values (%s, %s, 'per_day', 1)",
        (office.door.tenant, office.account),
    )
    group = office.door.value("select id from group_chat where name = '妈妈交流群'")
    first, second = (office.draft(name, name, kind="groups", groups=[group]) for name in ("甲", "乙"))
    office.check(first)
    office.check(second)
    office.start_it(first)
    office.start_it(second)
    assert (office.counts(first), office.counts(second)) == ({("asked", None): 1}, {("held", "platform_quota"): 1})


def test_who_says_no_while_others_wait_is_left_out(office: Sending) -> None:
    send = office.draft("隔夜")
    office.check(send)
    with office.door.tx("web") as tx:
        service.start_send(tx, send)
    with office.door.tx("worker") as tx:
        ruling.rule(Turn(tx, ALL), 1000)
    office.sql("update mass_send_person set booked_at = booked_at - interval '2 minutes'")
    office.sql(
        "update customer set do_not_contact = true where id in (select customer_id from mass_send_person order by id limit 3)"
    )
    office.bring_on()
    assert office.counts(send) == {("asked", None): 37, ("held", "do_not_contact"): 3}
    assert office.booked() == 37


# ----------------------------------------------------------------------------------------------------- playbooks of groups


def _two_groups(office: Sending) -> list[UUID]:
    """The group that is there, and another with two of its customers and one of its own."""
    first = next(iter(office.corp.groups.values()))
    inside = [one for one, who in first.members.items() if who[0] == 2]
    other = next(one for one in office.corp.contacts if one not in first.members)
    chat = SIMULATOR.act(office.shop, "found", {"member": "zhaomin", "name": "宝爸群"})["result"]
    for who in [*inside[:2], other]:
        SIMULATOR.act(office.shop, "join", {"group": chat, "customer": who})
    office.sql("update group_account set due_at = now() - interval '1 day', began_at = null")
    while group_reading.list_due(office.db, office.door.tenant) + group_reading.read_due(office.db, office.door.tenant):
        pass
    office.resolve()
    office.apply()
    return [row[0] for row in office.door.rows("select id from group_chat where status = 'active' order by name")]


def _plan(office: Sending, groups: list[UUID], coupon: UUID) -> NewPlaybook:
    steps = [
        {"day": 1, "at": "00:00", "kind": "task", "title": "开场", "body": "在群里介绍本周活动"},
        {
            "day": 1,
            "at": "00:01",
            "kind": "coupon",
            "title": "进群礼",
            "body": "群友专享券已放进卡包",
            "coupon_id": coupon,
        },
        {"day": 2, "at": "10:00", "kind": "message", "title": "第二天", "body": "今天讲绘本"},
        {"day": 3, "at": "10:00", "kind": "message", "title": "第三天", "body": "谢谢大家"},
    ]
    given = {"account_id": office.account, "name": "七日营", "groups": groups, "steps": steps}
    return NewPlaybook.model_validate(given | {"begins_on": datetime.now(UTC).date() + timedelta(days=2)})


def test_a_playbook_sends_drops_each_a_coupon_once_and_asks_owners(office: Sending) -> None:
    groups = _two_groups(office)
    coupon = new_id()
    office.sql(
        "insert into coupon_template (tenant_id, id, name, kind, value, currency, valid_days, created_at, updated_at)"
        " values (%s, %s, '群友券', 'amount', 10, 'CNY', 30, now(), now())",
        (office.door.tenant, coupon),
    )
    with office.door.tx("web") as tx:
        book = plans.create_playbook(tx, _plan(office, groups, coupon))
    with office.door.tx("web") as tx:
        plans.begin(tx, book)
    assert driving_plans.bring_on(office.db, office.door.tenant) == 0, "nothing before its day"
    zone = timedelta(hours=3)
    office.sql("update group_playbook_step set due_at = now() - interval '1 minute' where day = 1")
    office.sql("update group_playbook_step set due_at = now() - %s where day = 2", (zone * 5,))
    with office.door.tx("web") as tx:
        plans._locked(tx, book)  # whoever ends it at this moment: nothing begins behind her back
        assert driving_plans.bring_on(office.db, office.door.tenant) == 0
    assert driving_plans.bring_on(office.db, office.door.tenant) == 3
    assert driving_plans.bring_on(office.db, office.door.tenant) == 0, "begun once"
    assert driving_plans.tell_owners(office.db, office.door.tenant) == 2
    assert {one["to"][0] for one in office.corp.outgoing if one["kind"] == "application"} == {LIN, "zhaomin"}
    send = office.door.value("select mass_send_id from group_playbook_step where kind = 'coupon'")
    office.bring_on()
    office.confirm(send, LIN)
    office.later("1 minute")
    office.sql("update group_playbook_step set due_at = now() where state = 'begun'")
    comes_to_buckets_first(office.db, office.door.tenant, driving_plans._bring_on)
    # Somebody of the group is in a bucket that was not locked (she was just merged): nothing is dropped, and it goes on the next time.
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setattr(driving_plans, "in_buckets", lambda *_: [])
        driving_plans.bring_on(office.db, office.door.tenant)
    assert office.door.value("select count(*) from group_drop") == 0
    office.sql("update group_playbook_step set due_at = now() where state = 'begun'")
    driving_plans.bring_on(office.db, office.door.tenant)
    alone = office.door.value("select count(*) from group_drop")
    office.confirm(send)
    office.later("1 minute")
    office.sql("update group_playbook_step set due_at = now() where state = 'begun'")
    driving_plans.bring_on(office.db, office.door.tenant)
    with office.door.tx("worker") as tx:
        assert driving_plans.drop_coupons(Turn(tx, ALL), 1000) == alone + 1
    assert office.door.rows(
        "select given, doubles from group_playbook_mark where step_id in (select id from group_playbook_step where kind = 'coupon') order by given"
    ) == [(1, 2), (alone, 0)]
    assert office.door.value("select count(*) from coupon_request") == alone + 1
    with office.door.tx("web") as tx:
        task = next(one for one in plans.steps_of(tx, book) if one.kind == "task")
        plans.finish_task(tx, book, task.id, groups[0])
        with pytest.raises(TandemError):
            plans.finish_task(tx, book, task.id, groups[0])
        steps = playbook_reading.steps_of(tx, [book])[book]
        places = playbook_reading.places_of(tx, book)
    assert [(one.kind, one.state, one.groups_done) for one in steps] == [
        ("task", "begun", 1), ("coupon", "done", 2), ("message", "missed", 0), ("message", "waiting", 0),
    ]  # fmt: skip
    assert sum(len(one) for one in places.values()) == 4
    with office.door.tx("web") as tx:
        plans.end(tx, book)
    assert office.door.rows("select state, count(*) from group_playbook_step group by 1 order by 1") == [
        ("cancelled", 1),
        ("done", 2),
        ("missed", 1),
    ]
