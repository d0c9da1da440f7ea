"""Tags both ways against the simulated WeCom: whose word holds, five calls at a time, one for a customer, nobody told twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from harness.database import Database
from harness.locks import comes_to_buckets_first
from harness.offices import LIN, QIAN, SUN, ZHAO, Office, opened
from tandem.assembly import system
from tandem.connectors.wecom.simulator.corp import Contact, Tag, TagGroup
from tandem.domains.contact import advisers
from tandem.domains.contact.externals import friendship_of
from tandem.domains.contact.reaching import Friend
from tandem.domains.contact.tagging import jobs, service, spreading, walking
from tandem.kernel.turn import in_bucket
from tandem.stream.identity import commands
from tandem.stream.identity import service as identity
from tandem.stream.tags import service as tags


class TagOffice(Office):
    """One corporation whose tags go both ways."""

    seconds: int = 0

    def tag_round(self) -> None:
        """Read the list, read every adviser, understand it all, tell the platform."""
        advisers.read_due(self.door.db, self.door.tenant)
        while jobs.look_after(self.door.db, self.door.tenant):
            pass
        self.apply()
        while jobs.look_after(self.door.db, self.door.tenant):
            pass

    def again(self) -> None:
        """Time passes until everything is read anew."""
        self.owner("update tag_account set due_at = now(), leased_until = null")
        self.owner("update friend_walk set due_at = now()")
        self.tag_round()

    def wins(self, group: str, wins: str) -> None:
        self.owner("update platform_tag_group set wins = %s where name = %s", wins, group)

    def tag(self, name: str) -> Tag:
        return next(tag for _, tag in self.corp.tags() if tag.name == name)

    def customer(self, contact: Contact, member: str) -> UUID:
        friendship = friendship_of(self.door.tenant, self.source, member, contact.id)
        return self.door.value(f"select customer_id from friendship where id = '{friendship}'")

    def ours(self, customer: UUID) -> set[str]:
        return {row[0] for row in self.door.rows(f"select tag from customer_tag where customer_id = '{customer}'")}

    def give(self, customer: UUID, tag: str, *, take: bool = False) -> None:
        """Somebody here gives a tag, or takes it; the bucket's turn hears of it."""
        with self.door.tx("web") as tx:
            turn = in_bucket(tx, customer)
            rows = [(customer.bytes[15], customer, tag)]
            tags.know(tx, [tag])
            assert (tags.remove if take else tags.add)(turn, rows) == 1
        self.apply()
        while jobs.look_after(self.door.db, self.door.tenant):
            pass

    def edit(self, contact: Contact, member: str, *, add: str | None = None, remove: str | None = None) -> None:
        """An adviser changes a customer's tags in her own app; the platform tells, and her page is fetched."""
        follow = contact.follows[member]
        if add:
            follow.tags.append(self.tag(add).id)
        if remove:
            follow.tags.remove(self.tag(remove).id)
        # Two edits of one second are one event to WeCom's own words: these are of different seconds.
        self.seconds += 1
        at = self.shop.now() + timedelta(seconds=self.seconds)
        self.corp.tell("change_external_contact", "edit_external_contact", at, UserID=member, ExternalUserID=contact.id)
        self.hear()
        self.work()
        self.apply()
        while jobs.look_after(self.door.db, self.door.tenant):
            pass

    def marked(self) -> int:
        return self.shop.calls.count("externalcontact/mark_tag")

    def shown(self, contact: Contact, member: str) -> set[str]:
        return {tag.name for _, tag in self.corp.tags() if tag.id in contact.follows[member].tags}


@pytest.fixture(scope="module")
def office(module_database: Database) -> Iterator[TagOffice]:
    with opened(TagOffice, module_database) as made:
        made.start()
        made.work()
        made.apply()
        made.tag_round()
        yield made


def friend(office: TagOffice, *members: str, name: str = "标签客户") -> tuple[Contact, UUID]:
    """Somebody new whom these advisers follow."""
    contact = office.corp.new_contact(name)
    for member in members:
        office.corp.add_friend(contact, member, office.shop.now())
    office.hear()
    office.work()
    office.apply()
    return contact, office.customer(contact, members[0])


def test_first_both_sides_have_what_either_has(office: TagOffice) -> None:
    """What advisers gave before becomes tags here, as history; two tags of one name are two."""
    wanted = Counter(tag.name for one in office.corp.contacts.values() for follow in one.follows.values() for _, tag in office.corp.tags() if tag.id in follow.tags)  # fmt: skip
    rows = office.door.rows("select tag, count(*) from customer_tag where source = 'adviser' group by 1")
    assert wanted
    assert {tag for tag, _ in rows} == set(wanted)
    # One customer whom two advisers gave the same tag has it once.
    assert all(0 < n <= wanted[tag] for tag, n in rows)
    assert office.door.rows(
        "select distinct mode from event where type = 'tag.added' and payload ->> 'source' = 'adviser'"
    ) == [(1,)]
    assert office.marked() == 0
    assert office.door.value("select met_at is not null from tag_account")
    office.corp.tag_groups["etX"] = TagGroup(
        "etX", "会员", office.corp.epoch, tags=[Tag("etX1", "普通", office.corp.epoch)]
    )
    office.again()
    names = office.door.rows(
        "select g.name, p.name, p.tag from platform_tag p join platform_tag_group g on g.id = p.group_row where p.name = '普通' order by 1"
    )
    assert names == [("会员", "普通", "会员/普通"), ("客户等级", "普通", "普通")]


def test_an_advisers_tag_comes_here_and_ours_goes_there(office: TagOffice) -> None:
    contact, customer = friend(office, LIN, ZHAO)
    office.edit(contact, LIN, add="奶粉")
    assert office.ours(customer) == {"奶粉"}
    # It is news: segments and flows hear it as of now, and the platform is not told what it said itself.
    assert office.door.rows(
        f"select mode, payload ->> 'source' from event where type = 'tag.added' and customer_id = '{customer}'"
    ) == [(0, "adviser")]
    assert office.marked() == 0
    office.give(customer, "核心")
    assert (office.shown(contact, LIN), office.shown(contact, ZHAO)) == ({"奶粉", "核心"}, {"核心"})
    told = office.marked()
    # What we told raises no callback; reading it back is no news either.
    office.again()
    assert office.marked() == told
    # One of two advisers takes it off: the other's word stands. The last one's word takes it here too.
    office.edit(contact, LIN, remove="核心")
    assert "核心" in office.ours(customer)
    office.edit(contact, ZHAO, remove="核心")
    assert office.ours(customer) == {"奶粉"}
    office.give(customer, "奶粉", take=True)
    assert office.shown(contact, LIN) == set()
    assert office.door.rows("select count(*) from friend_tag where wanted is not null") == [(0,)]
    # A tag that is no tag there stays here.
    told = office.marked()
    office.give(customer, "只在这里")
    assert office.marked() == told


def test_whose_word_holds_is_said_by_group(office: TagOffice) -> None:
    contact, customer = friend(office, QIAN)
    office.wins("意向", "ours")
    office.wins("宝宝尺码", "platform")
    office.edit(contact, QIAN, add="辅食")
    assert (office.ours(customer), office.shown(contact, QIAN)) == (set(), set())
    office.give(customer, "辅食")
    office.edit(contact, QIAN, remove="辅食")
    assert (office.ours(customer), office.shown(contact, QIAN)) == ({"辅食"}, {"辅食"})
    office.edit(contact, QIAN, add="90 码")
    office.give(customer, "90 码", take=True)
    assert (office.ours(customer), office.shown(contact, QIAN)) == ({"辅食", "90 码"}, {"辅食", "90 码"})
    office.give(customer, "80 码")
    assert office.ours(customer) == {"辅食", "90 码"}
    with office.door.tx("web") as tx:
        rows, _ = service.list_conflicts(tx, cursor=None, limit=10)
    assert [(one.tag, one.kept, one.ours) for one in reversed(rows)] == [
        ("辅食", "ours", False), ("辅食", "ours", True), ("90 码", "platform", False), ("80 码", "platform", True),
    ]  # fmt: skip
    office.wins("意向", "off")
    office.edit(contact, QIAN, remove="辅食")
    assert office.ours(customer) == {"辅食", "90 码"}
    office.wins("意向", "last")
    office.wins("宝宝尺码", "last")


def test_what_was_changed_without_a_word_is_found_by_reading(office: TagOffice) -> None:
    contact, customer = friend(office, SUN)
    contact.follows[SUN].tags.append(office.tag("童装").id)  # another application marked it: no callback
    office.again()
    assert office.ours(customer) == {"童装"}
    # A reading from before we told something takes nothing back.
    with office.door.tx("worker") as tx:
        before = tx.machine_now
    office.give(customer, "重要")
    with office.door.tx("worker") as tx:
        walk = walking._Walk(SUN, False, office.source, True)
        stale = [Friend(contact.id, None, frozenset({office.tag("童装").id}))]
        walking.compare(tx, office.account, walk, stale, before)
    office.apply()
    assert office.ours(customer) == {"童装", "重要"}


def test_many_are_told_at_once_and_nobody_twice_at_a_time(office: TagOffice) -> None:
    people = [friend(office, LIN, QIAN, name=f"并行{number}") for number in range(9)]
    told = office.marked()
    with office.door.tx("web") as tx:
        for _, customer in people:
            tags.add(in_bucket(tx, customer), [(customer.bytes[15], customer, "普通")])
    office.apply()
    while jobs.look_after(office.door.db, office.door.tenant):
        pass
    # Each was said once: of a sixth call at a time, or a second on one of them, the platform would have heard too.
    assert office.marked() - told == 18
    assert all(office.shown(contact, member) == {"普通"} for contact, _ in people for member in (LIN, QIAN))
    assert office.door.rows("select problem from friend_tag where problem is not null") == []
    # Another application is at work on her: 45033 is waited for, not counted.
    contact, customer = people[0]
    office.corp.flying[f"externalcontact/mark_tag|{contact.id}"] = 1
    office.give(customer, "普通", take=True)
    assert office.shown(contact, LIN) == {"普通"}
    assert {row[0] for row in office.door.rows("select attempts from friend_tag where wanted is not null")} == {0}
    office.corp.flying.clear()
    office.unblock()
    office.owner("update friend_tag set due_at = now() where wanted is not null")
    office.owner("update tag_account set leased_until = null")
    while jobs.look_after(office.door.db, office.door.tenant):
        pass
    assert (office.shown(contact, LIN), office.shown(contact, QIAN)) == (set(), set())


def test_deletion_follows_the_groups_rule(office: TagOffice) -> None:
    contact, customer = friend(office, ZHAO)
    for name in ("核心", "奶粉", "90 码"):
        office.give(customer, name)
    office.wins("意向", "ours")
    office.wins("宝宝尺码", "platform")
    for group in list(office.corp.tag_groups.values()):
        group.tags = [one for one in group.tags if one.name not in {"核心", "奶粉", "90 码"}]
    contact.follows[ZHAO].tags = []
    office.corp.tell("change_external_tag", "delete", office.shop.now(), Id="et", TagType="tag")
    office.hear()
    office.resolve()
    assert office.door.value("select due_at <= now() from tag_account")
    office.tag_round()
    office.apply()
    assert "奶粉" in office.shown(contact, ZHAO)
    assert "核心" in office.ours(customer)
    assert office.door.rows("select status from platform_tag where name = '核心'") == [("gone",)]
    # Theirs holds: whoever had it loses it here, slice by slice.
    assert office.door.rows("select distinct tag from stream_fanout where task = 'clear'") == [("90 码",)]
    office.wins("意向", "last")
    office.wins("宝宝尺码", "last")


def test_a_tag_of_ours_is_made_there_within_the_limits(office: TagOffice) -> None:
    contact, customer = friend(office, LIN)
    group = office.door.value("select id from platform_tag_group where name = '客户等级'")
    with office.door.tx("web") as tx:
        service.put_tags(tx, office.account, group_row=group, group_name=None, names=["生日月", "尝鲜"])
        service.put_tags(tx, office.account, group_row=None, group_name="活动", names=["双十一"])
    office.tag_round()
    office.give(customer, "生日月")
    office.give(customer, "双十一")
    assert office.shown(contact, LIN) == {"生日月", "双十一"}
    office.owner("update tag_account set tags_max = (select count(*) from platform_tag where tag_id is not null)")
    with office.door.tx("web") as tx:
        service.put_tags(tx, office.account, group_row=group, group_name=None, names=["装不下"])
    office.tag_round()
    assert office.door.rows("select status, problem ->> 'why' from platform_tag where name = '装不下'") == [
        ("gone", "full")
    ]


def test_whom_callbacks_missed_is_found_lost_but_never_everybody(office: TagOffice) -> None:
    contact, customer = friend(office, SUN, name="悄悄走了")
    office.owner("update friendship set added_at = added_at - interval '1 hour' where customer_id = %s", customer)
    del contact.follows[SUN]
    office.again()
    assert office.door.rows(f"select lost_by from friendship where customer_id = '{customer}'") == [("unknown",)]
    assert office.door.rows(
        f"select mode, payload ->> 'by' from event where type = 'friend.lost' and customer_id = '{customer}'"
    ) == [(0, "unknown")]
    # She is still there for the platform, and everybody is gone at once: nobody believes it before a person does.
    office.owner("update friendship set added_at = added_at - interval '1 hour' where member = %s", LIN)
    kept = {one.id: one.follows.pop(LIN) for one in office.corp.following(LIN)}
    assert len(kept) >= walking.HELD_LEAST
    office.again()
    assert office.door.value(f"select held from friend_walk where member = '{LIN}'")
    assert office.door.value(f"select count(*) from friendship where member = '{LIN}' and lost_at is not null") == 0
    with office.door.tx("web") as tx:
        assert walking.trust(tx, office.account, LIN) == 1
    office.tag_round()
    assert (
        office.door.value(f"select count(*) from friendship where member = '{LIN}' and lost_at is not null")
        >= walking.HELD_LEAST
    )
    assert datetime.now(UTC) > office.door.value("select max(read_at) from friend_walk")


def test_a_renamed_tags_old_name_may_be_another_tags(office: TagOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tag is known by the platform's id: names are made anew, exchanged and put on what stood there, and work goes on."""
    at = office.corp.epoch
    group = office.corp.tag_groups["etRen"] = TagGroup(
        "etRen", "改名", at, tags=[Tag(f"etR{n}", f"改{n}", at) for n in (1, 2, 3)]
    )
    again = office.corp.tag_groups["etRen2"] = TagGroup("etRen2", "改名二", at, tags=[Tag("etR9", "改九", at)])
    office.again()
    before = dict(office.door.rows("select tag_id, tag from platform_tag where tag_id like 'etR%%'"))
    one, two, _ = group.tags
    one.name, two.name = two.name, one.name
    group.tags = [one, two, Tag("etR4", "改五", at)]
    office.again()
    one.name = "改三改"
    group.tags = [one, two, Tag("etR5", "改2", at)]
    group.name, again.name = again.name, group.name
    office.again()
    assert office.door.value("select problem from tag_account") is None
    rows = office.door.rows(
        "select p.tag_id, g.group_id, g.name, p.name, p.tag from platform_tag p join platform_tag_group g on g.id = p.group_row where p.tag_id like 'etR%%' order by 1"
    )
    assert [row[:4] for row in rows] == [
        ("etR1", "etRen", "改名二", "改三改"), ("etR2", "etRen", "改名二", "改1"), ("etR5", "etRen", "改名二", "改2"), ("etR9", "etRen2", "改名", "改九"),
    ]  # fmt: skip
    assert {row[0]: row[4] for row in rows if row[0] in before} == {
        name: before[name] for name in ("etR1", "etR2", "etR9")
    }

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(walking, "plan", broken)
        office.owner("update tag_account set due_at = now(), leased_until = null")
        jobs.look_after(office.door.db, office.door.tenant)
    assert office.door.value("select problem ->> 'code' from tag_account") == "broken"
    office.again()
    assert office.door.value("select problem from tag_account") is None


def test_who_was_called_lost_by_mistake_is_a_friend_again(office: TagOffice) -> None:
    """Twice: each reading says what it sees."""
    contact, customer = friend(office, ZHAO, name="误判")
    office.owner("update friendship set added_at = added_at - interval '1 day' where customer_id = %s", customer)
    for _ in range(2):
        follow = contact.follows.pop(ZHAO)
        office.again()
        assert office.door.rows("select lost_by from friendship where customer_id = %s", customer) == [("unknown",)]
        contact.follows[ZHAO] = follow
        office.again()
        assert office.door.rows("select lost_at, lost_by from friendship where customer_id = %s", customer) == [
            (None, None)
        ]
    assert (
        office.door.value("select count(*) from event where type = 'friend.found' and customer_id = %s", customer) == 2
    )


def test_tags_that_customers_have_already_are_told_when_a_tag_becomes_the_platforms(office: TagOffice) -> None:
    office.owner("update tag_account set tags_max = 3000")
    contact, customer = friend(office, LIN, ZHAO, name="老标签")
    office.give(customer, "老客节")
    assert office.shown(contact, LIN) == set()
    with office.door.tx("web") as tx:
        service.put_tags(tx, office.account, group_row=None, group_name="节日", names=["老客节"])
    office.owner("update platform_tag set status = 'there', told_to = 0 where name = '老客节'")
    slice_of = spreading.spread_slice
    comes_to_buckets_first(office.door.db, office.door.tenant, lambda tx: slice_of(tx, office.account))
    office.owner("update platform_tag set status = 'wanted', told_to = null where name = '老客节'")
    office.tag_round()
    assert office.shown(contact, LIN) == office.shown(contact, ZHAO) == {"老客节"}
    before = office.marked()
    office.tag_round()
    assert office.marked() == before, "told once"


def test_after_a_merge_both_advisers_know_her_tags(office: TagOffice) -> None:
    office.owner("update tag_account set tags_max = 3000")
    first, survivor = friend(office, LIN, name="甲")
    second, loser = friend(office, SUN, name="乙")
    with office.door.tx("web") as tx:
        service.put_tags(tx, office.account, group_row=None, group_name="合并", names=["合并后"])
    office.tag_round()
    office.give(survivor, "合并后")
    assert (office.shown(first, LIN), office.shown(second, SUN)) == ({"合并后"}, set())
    with office.door.tx("web") as tx:
        identity.file_merge(tx, survivor, loser)
    commands.run(office.door.db, system())
    office.apply()
    office.tag_round()
    assert office.shown(second, SUN) == {"合并后"}
