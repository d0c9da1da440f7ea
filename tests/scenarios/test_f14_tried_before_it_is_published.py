"""F14: a draft is tried on people and against the last days of real events before it is published; nothing is sent."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from town import Town, block, graph, member, ok

from tandem.flow.rehearsal import backtest

BROWSED = "event.name = 'f14'"


def browsed(town: Town, number: int, days: int) -> tuple[str, dict[str, Any]]:
    at = town.ago(days=days, minutes=1)
    return "behaviour", {"name": "f14", "identifiers": [{"kind": "member_no", "value": f"M{number}"}], "at": at}


def test_f14_a_draft_is_tried_before_it_is_published(fair: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    who, town = fair.person("marketing"), fair
    fair.tell(*(member(n, name=f"客户{n}") for n in range(1400, 1404)))
    fair.tell(*(browsed(town, 1400 + n, days) for n, days in enumerate((9, 6, 3, 3))))
    template = ok(who.post("/v1/message-templates", {"name": "F14", "body": "{{customer.name}}，您看的还在"}))["id"]
    drawn = graph(
        [
            block("start", "start.event", event_type="behaviour.recorded", condition=BROWSED),
            block("wait", "wait.duration", span={"amount": "2", "unit": "days"}),
            block("tip", "messaging.send", template=template),
            block("exit", "flow.exit"),
        ],
        ["start.entered>wait", "wait.done>tip", "tip.sent>exit", "tip.held>exit", "tip.skipped>exit"],
    )
    flow = ok(who.post("/v1/flows", {"name": "F14", "graph": drawn}))["id"]
    ids = town.until(
        lambda: (found := ok(who.get("/v1/customers", q="M1400"))["items"]) and [one["id"] for one in found],
        "they are there",
    )
    town.until(lambda: ok(who.get(f"/v1/customers/{ids[0]}/timeline"))["items"], "her visit is known")

    tried = ok(who.post(f"/v1/flows/{flow}/dry-run", {"customers": ids}))
    (one,) = tried["people"]
    assert [step["block"] for step in one["steps"]] == ["start", "wait", "tip", "exit"]
    assert one["enters"]
    assert [(value["text"], value["value"]) for value in one["entry"]["values"]] == [("event.name", "f14")]
    assert [(effect["what"], effect["outcome"], effect["text"]) for effect in one["effects"]] == [
        ("message", "sent", "客户1400，您看的还在")
    ]
    assert ok(who.post(f"/v1/flows/{flow}/dry-run", {"pick": "random", "count": 2}))["people"]

    done = ok(who.post(f"/v1/flows/{flow}/backtests", {"days": 10}))
    path = f"/v1/flows/{flow}/backtests/{done['id']}"
    found = town.until(lambda: (now := ok(who.get(path)))["state"] in {"done", "failed"} and now, "the backtest ends")
    assert found["error"] is None
    result = found["result"]
    assert (result["entered"], result["blocks"]["tip"]["ports"]) == (4, {"sent": 4})
    assert [(one["what"], one["outcome"], one["n"]) for one in result["effects"]] == [("message", "sent", 4)]
    assert len(result["days"]) == 11
    assert len(ok(who.get(f"{path}/people", mark="message:tip:sent"))["items"]) == 4
    assert ok(who.get(f"/v1/flows/{flow}/backtests"))["items"][0]["id"] == done["id"]

    asked, replay = threading.Event(), backtest.replay

    def held(*given: Any) -> Any:
        """Comes to no end before it was cancelled, however quick it is and however slow who asks."""
        asked.wait(120)
        return replay(*given)

    monkeypatch.setattr(backtest, "replay", held)
    stopped = ok(who.post(f"/v1/flows/{flow}/backtests", {"days": 200}))
    assert who.post(f"/v1/flows/{flow}/backtests", {}).json()["error"]["code"] == "backtest_running"
    ok(who.post(f"/v1/flows/{flow}/backtests/{stopped['id']}/cancel"))
    asked.set()
    path = f"/v1/flows/{flow}/backtests/{stopped['id']}"
    assert town.until(lambda: (now := ok(who.get(path)))["finished_at"] and now, "it stops")["state"] == "cancelled"

    # Nobody has been sent anything, and the flow is still a draft.
    assert ok(fair.person("admin").get("/v1/messages", customer_id=ids[0]))["items"] == []
    assert ok(who.get(f"/v1/flows/{flow}"))["status"] == "draft"
