"""Are messages held back that say what they must not, before a channel has them, with the reason where people look?"""

from typing import Any

import pytest

from harness.flows import FlowHouse, block, graph
from tandem.domains.messaging import service
from tandem.domains.messaging.sender import send_waiting
from tandem.domains.messaging.words import service as words
from tandem.kernel.errors import Conflict, InvalidInput


def test_a_word_holds_a_message_back_and_gives_its_cap_back(house: FlowHouse, send: Any) -> None:
    with house.tx() as tx:
        made = {
            name: service.create_template(tx, house.rooms.catalog, name=name, body=body, message_class="marketing")
            for name, body in (("坏", "请加wei {{customer.city|信}}"), ("好", "欢迎光临"), ("提醒", "最好的一天"))
        }
        words.add_words(tx, ["微上海", "微信"], "block")
        words.add_words(tx, ["最好"], "warn")
    for name, template in made.items():
        house.publish(
            graph(
                [
                    block("s", "start.event", event_type="campaign.reached"),
                    block("m", "messaging.send", template=str(template)),
                    block("e", "flow.exit"),
                ],
                ["s.entered>m", "m.sent>e", "m.held>e", "m.skipped>e"],
            ),
            name=name,
        )
    send(("customer", {"identifiers": [{"kind": "member_no", "value": "M1"}], "name": "王", "city": "上海"}))
    house.settle()
    (customer,) = [row[0] for row in house.owner("select id from customer")]
    house.events([("campaign.reached", customer, {})])
    house.settle()
    house.owner("update outbox_message set then_by = '{sms}' returning id")  # another channel would say the same words
    while send_waiting(house.db, house.rooms.catalog, house.tenant):
        pass
    house.settle()
    # The customer's own value made the word: only the whole text, as it would go out, tells.
    rows = house.owner(
        "select t.name, o.status, o.reason, o.booked_at is null from outbox_message as o join message_template as t on t.id = o.template_id"
    )
    assert sorted(rows) == [
        ("坏", "failed", "forbidden_word:微上海", True), ("好", "sent", None, False), ("提醒", "sent", None, False),
    ]  # fmt: skip
    assert house.owner("select count(*) from simulated_inbox") == [(2,)]
    assert house.owner("select reason from flow_mishap") == [
        ("含违禁词“微上海”，未发送 | held back: it says “微上海”",)
    ]
    with house.tx() as tx:
        hits, _ = words.list_hits(tx, cursor=None, limit=10)
    assert sorted((one.word, one.found, one.level, one.name) for one in hits) == [
        ("微上海", "wei 上海", "block", "坏"),
        ("最好", "最好", "warn", "提醒"),
    ]


def test_a_template_says_such_words_only_before_they_are_known(house: FlowHouse) -> None:
    with house.tx() as tx:
        template = service.create_template(
            tx, house.rooms.catalog, name="旧", body="全网第 一", message_class="marketing"
        )
        words.add_starter(tx)
        for act in (
            lambda: service.create_template(tx, house.rooms.catalog, name="新", body="全网第 一", message_class="marketing"),
            lambda: service.change_template(tx, house.rooms.catalog, template, body="我们是全网第一"),
        ):  # fmt: skip
            with pytest.raises(InvalidInput) as refused:
                act()
            assert refused.value.code == "forbidden_words"
        service.change_template(tx, house.rooms.catalog, template, name="改名")
        # The list changes, and so does what is found; a phrase that is allowed hides the word in it.
        words.add_words(tx, ["全网第一家"], "allow")
        assert words.screen(tx, "全网第一家门店") == []
        (row,), _ = words.list_words(tx, level=None, q="全网第一家", cursor=None, limit=5)
        words.change_word(tx, row.id, level="warn", pinyin=None)
        assert [one.level for one in words.screen(tx, "全网第一家门店")] == ["block", "warn"]
        words.remove_word(tx, row.id)
        assert [one.word for one in words.screen(tx, "全网第一家门店")] == ["全网第一"]


def test_one_guard_is_kept_and_words_are_added_up_to_what_it_may_hold(
    house: FlowHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.tx() as tx:
        words.add_words(tx, ["微信"], "block")
        first = words.guard_of(tx)
        assert words.guard_of(tx) is first
        words.add_words(tx, ["加群"], "block")
        assert words.guard_of(tx) is not first
        assert first not in [guard for _, guard in words._guards.values()]  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(words, "WRITINGS_MAX", 15)
    with pytest.raises(Conflict) as refused, house.tx() as tx:
        words.add_words(tx, ["最好", "第一"], "block")
    assert refused.value.code == "too_many_writings"
    with house.tx() as tx:
        words.add_words(tx, ["最好"], "block", pinyin=False)
        (row,), _ = words.list_words(tx, level=None, q="最好", cursor=None, limit=5)
    with pytest.raises(Conflict), house.tx() as tx:
        words.change_word(tx, row.id, level=None, pinyin=True)
