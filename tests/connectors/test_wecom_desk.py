"""The sidebar, customer service and referrals against the simulated WeCom: sign-in by its codes, tickets, messages, invited friends."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from harness.connectors import Story
from harness.database import Database
from harness.merging import Merging
from harness.offices import opened
from tandem.assembly import system
from tandem.connectors.wecom.simulator.corp import Contact, Corp
from tandem.connectors.wecom.simulator.platform import SIMULATOR, corp_of
from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.radar import door as radar
from tandem.domains.contact.radar.events import RADAR_TOLD
from tandem.domains.contact.radar.token import Link, sign
from tandem.domains.contact.referral import campaigns, deciding, inviting
from tandem.domains.contact.referral.shapes import NewCampaign, RewardTier
from tandem.domains.contact.sidebar import tickets
from tandem.kernel.errors import TandemError
from tandem.kernel.ids import bucket_of, new_id
from tandem.kernel.turn import Turn
from tandem.stream.apply import apply
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.keys import tenant_keys
from tandem.stream.rights.erase import erase
from tandem.stream.sources.connector import Delivery

LIN = "linxiaotong"


class Desk(Story):
    """One corporation whose customers invite and write."""

    @property
    def corp(self) -> Corp:
        return corp_of(self.shop)

    def hear(self) -> None:
        """What happened there is told, understood, fetched and applied."""
        self.post(*[Delivery(one.headers, one.query, one.body) for one in SIMULATOR.callbacks(self.shop)])
        self.work()
        self.apply()

    def apply(self) -> None:
        self.resolve()
        for _ in range(4):
            for lane in (0, 1, 2):
                with self.door.tx("worker") as tx:
                    turn = Turn(tx, list(range(256)))
                    applied = apply(turn, system(), 1000, lane)
                    for step in system().steps:
                        if step.name in {"contact.referrals", "marketing.issue"}:
                            step.run(turn, 100)
                assert not applied.failures, applied.failures

    def inviter(self, name: str) -> UUID:
        """An old friend of Lin's who will invite."""
        made = SIMULATOR.act(self.shop, "friend", {"member": LIN, "name": name})["customer"]
        self.hear()
        return self.customer(made)

    def customer(self, external: str) -> UUID:
        with self.door.tx("worker") as tx:
            value = tenant_keys(tx).blind("open_id", self.shop.settings["corp_id"], external)
            return tx.value(
                "select customer_id from identifier where kind = 'open_id' and value_hash = %(v)s", {"v": value}
            )

    def come(self, campaign: UUID, inviter: UUID, name: str, contact: str = "") -> Contact:
        """Somebody scans the inviter's code."""
        config = self.door.value(
            f"select config_id from referral_inviter where campaign_id = '{campaign}' and origin_id = '{inviter}'"
        )
        query = {"config_id": config, "name": name} | ({"customer": contact} if contact else {})
        made = SIMULATOR.act(self.shop, "scan", query)["customer"]
        self.hear()
        return self.corp.contacts[made]

    def campaign(self, name: str, **more: Any) -> UUID:
        given = {"tiers": [RewardTier(friends=2, points=100)], "hold_days": 3, **more}
        with self.door.tx("web") as tx:
            made = campaigns.create_campaign(
                tx, NewCampaign(account_id=self.account, name=name, members=[LIN], **given)
            )
            campaigns.set_status(tx, made, "running")
        return made

    def invite(self, campaign: UUID, customer: UUID) -> str:
        with self.door.tx("web") as tx:
            link = inviting.invite(tx, campaign, customer)
        while inviting.make_codes(self.door.db, self.door.tenant):
            pass
        return link

    def figures(self, campaign: UUID) -> dict[str, int]:
        with self.door.tx("web") as tx:
            return {name: n for name, n in deciding.figures(tx, [campaign])[campaign].items() if n}

    def reasons(self, campaign: UUID) -> list[tuple[str, str]]:
        return sorted(self.door.rows(f"select verdict, reason from referral_friend where campaign_id = '{campaign}'"))

    def pass_days(self, days: int) -> None:
        """Friends came so much earlier."""
        with self.door.database.connect() as owner:
            owner.execute(
                f"update referral_friend set matures_at = matures_at - interval '{days} days', joined_at = joined_at - interval '{days} days'"
            )
        self.apply()

    def points(self, customer: UUID) -> int:
        return self.door.value(f"select coalesce(sum(remaining), 0) from points_lot where customer_id = '{customer}'")


@pytest.fixture(scope="module")
def desk(module_database: Database) -> Iterator[Desk]:
    with opened(Desk, module_database) as made:
        made.start()
        yield made


def test_tickets_are_fetched_once_for_all_who_wait(desk: Desk) -> None:
    before = desk.shop.calls.count("get_jsapi_ticket")
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(tickets.ticket, desk.door.db, desk.door.tenant, desk.account, "corp") for _ in range(6)]
        found = {one.result() for one in asked}
    assert len(found) == 1
    assert desk.shop.calls.count("get_jsapi_ticket") == before + 1
    agent = tickets.ticket(desk.door.db, desk.door.tenant, desk.account, "agent")
    assert agent not in found
    # Sealed where it is kept, and fetched anew when it is nearly over.
    kept = desk.door.rows("select ticket_enc from js_ticket")
    assert all(agent.encode() not in bytes(row[0]) for row in kept)
    with desk.door.database.connect() as owner:
        owner.execute(
            "update js_ticket set expires_at = now() + interval '1 minute', claimed_until = now() - interval '1 s'"
        )
    tickets.ticket(desk.door.db, desk.door.tenant, desk.account, "corp")
    assert desk.shop.calls.count("get_jsapi_ticket") == before + 2
    with pytest.raises(TandemError, match="ticket"):
        tickets.ticket(desk.door.db, desk.door.tenant, new_id(), "corp")


def test_a_sign_in_code_is_good_once(desk: Desk) -> None:
    code = SIMULATOR.act(desk.shop, "sign_in", {"member": LIN})["result"]
    with line_of(desk.door.db, desk.door.tenant, desk.account) as line:
        assert line.member_of(code) == LIN
        for wrong in (code, "code-linxiaotong", "x"):
            with pytest.raises(GatewayFailure) as refused:
                line.member_of(wrong)
            assert (refused.value.why, refused.value.code) == ("refused", "40029")


def test_what_customers_write_to_customer_service_is_read_once(desk: Desk) -> None:
    customer = SIMULATOR.act(desk.shop, "friend", {"member": LIN, "name": "小问"})["customer"]
    desk.hear()
    for text in ("在吗", "面膜有用吗？"):
        SIMULATOR.act(desk.shop, "say", {"customer": customer, "text": text})
    desk.hear()
    desk.hear()
    told = desk.door.rows(
        "select payload ->> 'text', payload ->> 'through', payload ->> 'question' from event where type = 'chat.received' order by occurred_at, event_id"
    )
    assert sorted(told) == [("在吗", "kf", "true"), ("面膜有用吗？", "kf", "true")]


def test_friends_who_stay_bring_the_tier_once(desk: Desk) -> None:
    who = desk.inviter("邀请人甲")
    campaign = desk.campaign("老带新")
    link = desk.invite(campaign, who)
    assert desk.invite(campaign, who) == link
    way = [one for one in desk.corp.store("contact_way").values() if one["remark"] == "老带新"]
    assert [(one["user"], len(one["state"]) <= 30) for one in way] == [([LIN], True)]
    for name in ("朋友一", "朋友二"):
        desk.come(campaign, who, name)
    assert desk.figures(campaign) == {"inviters": 1, "joined": 2, "held": 2}
    assert desk.points(who) == 0
    desk.pass_days(3)
    assert desk.figures(campaign) == {"inviters": 1, "joined": 2, "counted": 2, "rewards": 1}
    assert desk.points(who) == 100
    desk.come(campaign, who, "朋友三")
    desk.pass_days(4)
    assert desk.points(who) == 100
    told = dict(desk.door.rows("select type, count(*) from event where type like 'referral.%' group by 1"))
    assert {name: told[name] for name in ("referral.joined", "referral.counted", "referral.rewarded")} == {
        "referral.joined": 3, "referral.counted": 3, "referral.rewarded": 1,
    }  # fmt: skip


def test_who_does_not_count_brings_nothing(desk: Desk) -> None:
    who = desk.inviter("邀请人乙")
    campaign = desk.campaign("严查", tiers=[RewardTier(friends=1, points=50)], burst_friends=3)
    desk.invite(campaign, who)
    old = SIMULATOR.act(desk.shop, "friend", {"member": "zhaomin", "name": "老客"})["customer"]
    desk.hear()
    with desk.door.database.connect() as owner:
        owner.execute("update friendship set added_at = added_at - interval '1 hour'")
    desk.come(campaign, who, "老客", old)
    gone = desk.come(campaign, who, "一日游")
    SIMULATOR.act(desk.shop, "lose", {"customer": gone.id, "member": LIN})
    desk.hear()
    assert desk.reasons(campaign) == [("left", "left"), ("refused", "customer_before")]
    for name in ("真朋友", "快一", "快二"):
        desk.come(campaign, who, name)
    assert [one[0] for one in desk.reasons(campaign)] == ["held", "held", "left", "refused", "suspect"]
    with desk.door.tx("web") as tx:
        (suspect,) = deciding.friends(tx, campaign, "suspect", None, 10)
        deciding.decide(tx, suspect.id, counts=False)
        with pytest.raises(TandemError):
            deciding.decide(tx, suspect.id, counts=True)
    with desk.door.tx("web") as tx:
        campaigns.set_status(tx, campaign, "ended")
    desk.come(campaign, who, "来晚了")
    assert ("refused", "ended") in desk.reasons(campaign)
    desk.pass_days(3)
    assert desk.figures(campaign) == {"inviters": 1, "joined": 6, "counted": 2, "refused": 3, "left": 1, "rewards": 1}
    assert desk.points(who) == 50


def test_who_was_merged_and_left_brings_nothing(desk: Desk) -> None:
    """A merge changes who a friend is, not that she left; who is the inviter herself by then counts as little."""
    campaign, inviter, old = desk.campaign("合并"), desk.inviter("并邀请人"), desk.inviter("老身份")
    desk.invite(campaign, inviter)
    leaves, missed, stays = (desk.come(campaign, inviter, name) for name in ("走的", "漏的", "留的"))
    merging = Merging(desk.door, system())  # type: ignore[arg-type]
    for survivor, one in ((old, leaves), (inviter, stays)):
        merging.file(survivor, desk.customer(one.id), forced=True)
    assert set(merging.run()) == {"done"}
    desk.apply()
    assert desk.customer(leaves.id) == old
    SIMULATOR.act(desk.shop, "lose", {"customer": leaves.id, "member": LIN})
    desk.hear()
    assert ("left", "left") in desk.reasons(campaign)
    with desk.door.database.connect() as owner:
        owner.execute("update friendship set lost_at = now(), lost_by = 'unknown' where customer_id = %s", (desk.customer(missed.id),))  # fmt: skip
    desk.pass_days(4)
    assert desk.reasons(campaign) == [("left", "left"), ("left", "left"), ("refused", "self")]
    assert desk.points(inviter) == 0


def test_a_link_of_somebody_erased_writes_nothing_of_her(desk: Desk) -> None:
    """Links go on where they were sent: what comes by them then counts for nobody, and what was on its way is not written down."""
    who, material = desk.inviter("将删除"), new_id()
    with desk.door.database.connect() as owner:
        owner.execute(
            "insert into material (id, tenant_id, code, name, kind, words, status, created_at, updated_at) values (%s, %s, 'erased', '手册', 'article', '字', 'approved', now(), now())",
            (material, desk.door.tenant),
        )
    link = Link(desk.door.tenant, material, who, LIN)
    with desk.door.tx("web") as tx:
        token = sign(tenant_keys(tx), link)
    told = {"device": "1" * 16, "what": "opened"}
    radar.take(desk.door.db, token, "", msgspec.json.encode(told | {"visit": "0" * 16}))
    desk.apply()
    assert desk.door.value(f"select count(*) from radar_visit where customer_id = '{who}'") == 1
    with desk.door.tx("worker") as tx:
        erase(tx, who)
    radar.take(desk.door.db, token, "", msgspec.json.encode(told | {"visit": "2" * 16}))
    desk.apply()
    assert desk.door.value(f"select count(*) from event where customer_id = '{who}'") == 0
    assert desk.door.value(f"select sum(opened) from radar_count where material_id = '{material}'") == 1
    with desk.door.tx("door") as tx:  # taken just before she was erased
        said = {"visit_id": str(new_id()), "material_id": str(material), "member": LIN, "seconds": 0, "depth": 0}
        emit(tx, [NewEvent(type=RADAR_TOLD, bucket=bucket_of(who), customer_id=who, occurred_at=tx.now, payload=said | told)])  # fmt: skip
    desk.apply()
    assert desk.door.value(f"select count(*) from radar_visit where customer_id = '{who}'") == 0
    assert desk.door.value(f"select count(*) from event where customer_id = '{who}' and type = 'radar.opened'") == 0


def test_an_inviters_code_is_asked_for_again_and_goes_with_its_campaign(desk: Desk) -> None:
    campaign = desk.campaign("到期活动", ends_at=datetime.now(UTC) + timedelta(days=1))
    ways = len(desk.corp.store("contact_way"))
    limit = desk.corp.limits["contact_ways"]
    desk.corp.limits["contact_ways"] = ways
    desk.invite(campaign, desk.inviter("邀请到期"))
    state = "select code_status, failures, problem ->> 'why' from referral_inviter where campaign_id = %s"
    assert desk.door.rows(state, campaign) == [("stuck", 1, "full")]
    desk.corp.limits["contact_ways"] = limit
    with desk.door.database.connect() as owner:
        owner.execute("update referral_inviter set due_at = now()")
    while inviting.make_codes(desk.door.db, desk.door.tenant):
        pass
    assert desk.door.rows(state, campaign) == [("made", 0, None)]
    assert len(desk.corp.store("contact_way")) == ways + 1
    with desk.door.database.connect() as owner:
        owner.execute("update referral_campaign set ends_at = now() - interval '1 minute' where id = %s", (campaign,))
    while inviting.make_codes(desk.door.db, desk.door.tenant):
        pass
    assert desk.door.rows(state, campaign) == [("dropped", 0, None)]
    assert len(desk.corp.store("contact_way")) == ways, "nobody scans it into a campaign that is over"
    assert desk.door.value("select status from referral_campaign where id = %s", campaign) == "ended"
