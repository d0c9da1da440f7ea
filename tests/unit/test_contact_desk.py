"""What decides beside chats, without a database: topics of sentences, signatures, links, readings, verdicts on invited friends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tandem.domains.contact.material.matching import Topic, asks, recognise
from tandem.domains.contact.radar.projection import Reading, after
from tandem.domains.contact.radar.token import Link, opened, sign, tenant_of
from tandem.domains.contact.referral.campaigns import limits, problems
from tandem.domains.contact.referral.shapes import CampaignChange, RewardTier
from tandem.domains.contact.referral.verdict import (
    STATE_LENGTH,
    Before,
    Came,
    Rules,
    Tier,
    judge,
    reached,
    read_state,
    state_of,
)
from tandem.domains.contact.sidebar.signing import is_trusted, signature
from tandem.kernel.crypto import MasterKey
from tandem.kernel.ids import new_id

EFFECT = Topic(new_id(), "面膜功效", [["面膜", "玻尿酸面膜"], ["功效", "效果", "有用", "管用"]], but=["退货"])
ASKED = Topic(new_id(), "面膜", [["面膜"]], questions_only=True)
LATIN = Topic(new_id(), "vitamin c", [["vc", "vitamin c"]])
TOPICS = [ASKED, EFFECT, LATIN]


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("这款面膜有用吗？", EFFECT),
        ("面 膜 的 ＥＦＦＥＣＴ？功效呢", EFFECT),
        ("面膜怎么用", ASKED),
        ("面膜收到了", None),
        ("面膜没效果，我要退货", None),
        ("Is VC ok for kids", LATIN),
        ("my pvc pipe broke", None),
        ("Vitamin-C?", LATIN),
        ("", None),
    ],
)
def test_a_sentence_is_about_what_it_says_most_of(text: str, topic: Topic | None) -> None:
    assert recognise(text, TOPICS) is topic


def test_questions_are_told_from_statements() -> None:
    assert asks("这个多久见效")
    assert asks("When does it ship")
    assert not asks("好的，谢谢")


def test_the_platforms_own_vector_is_signed_alike() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    given = (ticket, "Wm3WZYTPz0wzccnW", 1414587457)
    assert signature(*given, "http://mp.weixin.qq.com?params=value") == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
    assert signature(*given, "http://mp.weixin.qq.com?params=value#at") == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
    assert signature(*given, "http://mp.weixin.qq.com") == "f4d90daf4b3bca3078ab155816175ba34c443a7b"


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://crm.example.com/sidebar/1?x=y", True),
        ("https://crm.example.com:443/", True),
        ("http://localhost:8550/sidebar/1", True),
        ("http://crm.example.com/", False),
        ("https://crm.example.com.evil.test/", False),
        ("https://crm.example.com@evil.test/", False),
        ("https://evil@crm.example.com/", False),
        ("https://crm.example.com:8443/", False),
        ("https://[broken", False),
    ],
)
def test_only_trusted_pages_are_signed(url: str, trusted: bool) -> None:
    assert is_trusted(url, ["crm.example.com", "localhost"]) is trusted


def test_a_link_says_what_was_signed_and_nothing_else() -> None:
    master = MasterKey(b"k" * 32)
    keys, others = (master.tenant_keys(master.new_tenant_key()) for _ in range(2))
    link = Link(new_id(), new_id(), new_id(), "林晓彤")
    token = sign(keys, link)
    assert opened(keys, token) == link
    assert tenant_of(token) == link.tenant
    nobody = Link(link.tenant, link.thing)
    assert opened(keys, sign(keys, nobody)) == nobody
    assert opened(others, token) is None
    assert opened(keys, token, "referral_link") is None
    for place in range(0, len(token), 7):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert opened(keys, changed) is None, place
    for wrong in ("", "x", "é" * 80, "A" * 301, token[:-3], token + "AAAA"):
        assert opened(keys, wrong) is None


def test_a_reading_never_becomes_less_and_tells_each_thing_once() -> None:
    one = Reading(new_id(), 1, new_id(), new_id(), new_id(), "", "d", False, datetime.now(UTC))
    one, news = after(one, {"what": "going", "seconds": 30, "depth": 95})
    assert news == ["radar.finished"]
    one, news = after(one, {"what": "opened", "seconds": 0, "depth": 10})
    assert (news, one.seconds, one.depth) == ([], 30, 95)
    one, news = after(one, {"what": "left", "seconds": 40, "depth": 95})
    assert news == ["radar.read"]
    assert after(one, {"what": "left", "seconds": 50, "depth": 95})[1] == []
    stranger = Reading(new_id(), 1, new_id(), new_id(), new_id(), "", "e", True, datetime.now(UTC))
    assert after(stranger, {"what": "liked", "seconds": 9, "depth": 99})[1] == []


NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
INVITER, FRIEND = new_id(), new_id()
RULES = Rules(True, 7, 5, 3, 3, 10)


def came(**more: object) -> Came:
    return Came(**{"friend_id": FRIEND, "inviter_id": INVITER, "at": NOW, "known": False, "again": False} | more)  # type: ignore[arg-type]


def earlier(minutes: int, verdict: str = "held", friend: UUID | None = None) -> Before:
    return Before(friend or new_id(), NOW - timedelta(minutes=minutes), verdict)  # type: ignore[arg-type]


def test_friends_count_only_when_nothing_speaks_against_it() -> None:
    begins = NOW.replace(hour=0)
    cases = {
        ("held", ""): (came(), RULES, []),
        ("refused", "self"): (came(friend_id=INVITER), RULES, []),
        ("refused", "twice"): (came(), RULES, [earlier(90, "left", FRIEND)]),
        ("refused", "friend_before"): (came(again=True), RULES, []),
        ("refused", "customer_before"): (came(known=True), RULES, []),
        ("refused", "ended"): (came(), Rules(False, 7, 5, 3, 3, 10), []),
        ("refused", "friends_max"): (came(), RULES, [earlier(5000 + n) for n in range(5)]),
        ("refused", "daily_max"): (came(), RULES, [earlier(60 + n) for n in range(3)]),
        ("suspect", "burst"): (came(), RULES, [earlier(1), earlier(9)]),
    }
    for wanted, (one, rules, before) in cases.items():
        assert judge(one, rules, before, begins) == wanted
    # Who was refused or left takes nobody's place.
    gone = [earlier(1, "refused"), earlier(2, "left"), earlier(3, "refused")]
    assert judge(came(), RULES, gone, begins) == ("held", "")


def test_a_state_names_the_campaign_and_the_inviter() -> None:
    state = state_of("abc234", INVITER)
    assert (len(state), read_state(state)) == (STATE_LENGTH, ("abc234", INVITER))
    assert len(state) <= 30
    for wrong in ("", "t123456789abc", state[:-1], "x" + state[1:], state[:-1] + "!"):
        assert read_state(wrong) is None


def test_tiers_are_given_once_when_reached() -> None:
    tiers = [Tier(1, 10, None), Tier(3, None, new_id()), Tier(5, 100, None)]
    assert [one.friends for one in reached(tiers, 3, [1])] == [3]
    assert reached(tiers, 0, []) == []


def test_limits_on_sharing_are_data() -> None:
    fine = CampaignChange(
        name="邀好友", words="三位好友留下，送您一张券", members=["lin"], tiers=[RewardTier(friends=3, points=100)]
    )
    assert problems(fine) == []
    cases = {
        "words": fine.model_copy(update={"words": "转发朋友圈即送现金"}),
        "hold_days": fine.model_copy(update={"hold_days": 0}),
        "tiers": fine.model_copy(update={"tiers": [RewardTier(friends=3, points=1), RewardTier(friends=2, points=1)]}),
        "tiers[0]": fine.model_copy(update={"friends_max": 2}),
    }
    for where, one in cases.items():
        assert {found.where for found in problems(one)} == {where}, where
    many = [RewardTier(friends=n, points=1) for n in range(1, limits()["tiers_max"] + 2)]
    assert [one.where for one in problems(fine.model_copy(update={"tiers": many}))] == ["tiers"]
