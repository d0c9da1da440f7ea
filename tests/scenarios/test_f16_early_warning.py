"""F16: an anomaly raises an early warning together with what can be done about it."""

from __future__ import annotations

from town import Town, block, draw_and_publish, graph, member, ok

from tandem.assembly import system
from tandem.flow.alerts.watch import watch


def test_f16_a_runaway_flow_is_paused_and_the_warning_says_what_to_do(fair: Town) -> None:
    who, town = fair.person("marketing"), fair
    town.tell(*(member(n) for n in range(1600, 1604)))
    start = block("start", "start.event", event_type="behaviour.recorded", condition="event.name = 'f16'")
    flow = draw_and_publish(
        who, "F16", graph([start, block("exit", "flow.exit")], ["start.entered>exit"], reentry={"rule": "always"})
    )
    ok(who.put(f"/v1/flows/{flow}/limits", {"runs_per_hour": 3}))
    assert ok(who.get(f"/v1/flows/{flow}/limits"))["effective"]["runs_per_hour"] == 3
    at = town.ago(seconds=1)
    ids = ([{"kind": "member_no", "value": f"M{n}"}] for n in range(1600, 1604))
    town.tell(*(("behaviour", {"name": "f16", "identifiers": one, "at": at}) for one in ids))
    town.until(lambda: ok(who.get(f"/v1/flows/{flow}/stats"))["goal"]["entered"] == 4, "four enter")
    # The worker looks every half minute; here it is asked to look now.
    watch(town.house.db, system(), town.house.a.id)
    (alert,) = ok(who.get("/v1/flow-alerts", flow_id=flow))["items"]
    assert (alert["kind"], alert["n"], alert["paused"], alert["flow_status"]) == ("runaway", 4, True, "paused")
    assert [one["action"] for one in alert["remedies"]] == ["people", "resume", "limits", "stop"]
    assert "4" in alert["said"]["zh"]
    ok(who.put(f"/v1/flows/{flow}/limits", {"runs_per_hour": 100}))
    ok(who.post(f"/v1/flows/{flow}/resume"))
    ok(who.post(f"/v1/flow-alerts/{alert['id']}/close"))
    assert ok(who.get("/v1/flow-alerts", flow_id=flow))["items"] == []
    assert ok(who.get("/v1/flow-alerts", flow_id=flow, state="closed"))["items"][0]["id"] == alert["id"]
