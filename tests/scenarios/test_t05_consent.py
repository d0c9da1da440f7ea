"""T05: consent per purpose and channel on a versioned text; sensitive data and children apart; withdrawal stops what is pending at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from people import known
from town import Town, block, draw_and_publish, graph, member, ok


def consents(town: Town, customer: str) -> dict[tuple[str, str], dict[str, Any]]:
    items = ok(town.person("admin").get(f"/v1/customers/{customer}/consents"))["items"]
    return {(one["purpose"], one["channel"]): one for one in items}


def say(town: Town, customer: str, **given: Any) -> Any:
    return town.person("admin").post(f"/v1/customers/{customer}/consents", {"source": "form", **given})


def wording(town: Town, purpose: str, text: str, **more: Any) -> dict[str, Any]:
    return ok(town.person("admin").post("/v1/consent-texts", {"purpose": purpose, "wording": text, **more}))


def test_t05_each_purpose_and_channel_on_its_own_text(commons: Town) -> None:
    town = commons
    town.tell(member("t05", "王芳"))
    her = known(town, "Mt05")
    old = wording(town, "marketing", "同意接收短信优惠", channel="sms")
    new = wording(town, "marketing", "同意接收短信优惠与活动通知", channel="sms")
    assert new["version"] == old["version"] + 1
    ok(say(town, her, purpose="marketing", channel="sms", state="granted", text_id=old["id"]))
    ok(say(town, her, purpose="marketing", channel="wecom", state="withdrawn"))
    held = consents(town, her)
    assert (held["marketing", "sms"]["text_version"], held["marketing", "sms"]["wording"]) == (
        old["version"],
        "同意接收短信优惠",
    )
    assert held["marketing", "wecom"]["state"] == "withdrawn"
    refused = say(town, her, purpose="service", channel="sms", state="granted", text_id=old["id"])
    assert refused.json()["error"]["details"][0]["where"] == "text_id"


def test_t05_sensitive_data_and_children_need_more(commons: Town) -> None:
    town = commons
    young = (town.now - timedelta(days=365 * 9)).date().isoformat()
    town.tell(member("t05-child", "李小宝", birthday=young), member("t05-b", "李梅"))
    child, mother = known(town, "Mt05-child"), known(town, "Mt05-b")
    alone = say(town, mother, purpose="sensitive", state="granted")
    assert alone.json()["error"]["details"][0]["where"] == "text_id"
    text = wording(town, "sensitive", "同意记录孕期信息")
    ok(say(town, mother, purpose="sensitive", state="granted", text_id=text["id"]))
    assert say(town, child, purpose="profiling", state="granted").json()["error"]["details"][0]["where"] == "guardian"
    ok(say(town, child, purpose="profiling", state="granted", guardian=True, proof="母亲李梅，门店签字"))
    held = consents(town, child)["profiling", "*"]
    assert (held["guardian"], held["has_proof"]) == (True, True)


def test_t05_withdrawal_stops_pending_sends_at_once(commons: Town) -> None:
    town, who = commons, commons.person("marketing")
    town.tell(member("t05-c", "赵敏", tags=["t05-待发"]), member("t05-d", "孙丽", tags=["t05-待发"]))
    leaving, staying = known(town, "Mt05-c"), known(town, "Mt05-d")
    letter = ok(who.post("/v1/message-templates", {"name": "t05", "body": "您好", "message_class": "marketing"}))
    drawn = graph(
        [
            block("start", "start.event", event_type="behaviour.recorded", condition="event.name = 't05'"),
            block("m", "messaging.send", template=letter["id"]),
            block("exit", "flow.exit"),
        ],
        ["start.entered>m", *(f"m.{port}>exit" for port in ("sent", "held", "skipped"))],
    )
    ok(who.put("/v1/frequency-cap", CAPS | {"quiet_from": "00:00", "quiet_until": "23:59"}))
    try:
        draw_and_publish(who, "t05", drawn)
        at = town.now.isoformat()
        town.tell(
            *(
                ("behaviour", {"name": "t05", "identifiers": [{"kind": "member_no", "value": f"Mt05-{one}"}], "at": at})
                for one in "cd"
            )
        )
        pending = lambda: {one["customer_id"] for one in ok(who.get("/v1/messages", state="held"))["items"]}  # noqa: E731
        town.until(lambda: {leaving, staying} <= pending(), "both messages wait for the quiet hours to end")
        stopped = ok(say(town, leaving, purpose="marketing", state="withdrawn"))["stopped_messages"]
        assert stopped == 1
        assert leaving not in pending()
        assert staying in pending()
        (gone,) = [
            one for one in ok(who.get("/v1/messages", state="cancelled"))["items"] if one["customer_id"] == leaving
        ]
        assert gone["reason"] == "consent_withdrawn"
    finally:
        ok(who.put("/v1/frequency-cap", CAPS))


CAPS = {"per_day": None, "per_week": None, "per_month": None, "quiet_from": None, "quiet_until": None}
