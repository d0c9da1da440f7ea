"""D11, as far as sources that post or are asked reach: set up, try a sample, backfill, green light, a week's warning before it ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from people import known, timeline
from town import Town, ok

from tandem.kernel.settings import settings

FIELDS = {
    "identifiers[0].kind": {"value": "member_no"},
    "identifiers[0].value": {"path": "card"},
    "order_id": {"path": "id", "as": "text"},
    "status": {"value": "paid"},
    "placed_at": {"path": "at"},
    "paid_at": {"path": "at"},
    "total": {"path": "sum", "as": "text"},
    "lines": {"value": []},
}
MAPPING = {
    "each": "items",
    "rules": [{"kind": "order", "external_id": {"path": "id", "as": "text"}, "time": "at", "fields": FIELDS}],
}


@pytest.fixture
def shop() -> Iterator[str]:
    """A shop that answers with the orders since a moment."""
    now = datetime.now(UTC)
    orders = [
        {"id": f"d11-{days}", "card": "Md11", "at": (now - timedelta(days=days)).isoformat(), "sum": "10.00"}
        for days in (85, 30, 1)
    ]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"items": orders, "next": None}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TANDEM_WEBHOOK_PRIVATE_TARGETS", "true")
        settings.cache_clear()
        yield f"http://127.0.0.1:{server.server_port}/orders"
    settings.cache_clear()
    server.shutdown()
    server.server_close()


def alerts(town: Town, source: str) -> list[str] | None:
    items = ok(town.person("operator").get("/v1/intake-health/sources", limit=500))["items"]
    return next(([alert["code"] for alert in one["alerts"]] for one in items if one["source"] == source), None)


def test_d11_an_operations_person_connects_a_shop_alone(commons: Town, shop: str) -> None:
    town, who = commons, commons.person("operator")
    sample = {
        "items": [{"id": 1, "card": "Md11-sample", "at": town.ago(days=1), "sum": "9.90"}, {"id": 2, "at": "yesterday"}]
    }
    tried = ok(who.post("/v1/source-mappings/try", {"mapping": MAPPING, "sample": sample}))
    assert [one["payload"]["order_id"] for one in tried["records"]][:1] == ["1"]
    assert tried["problems"] or tried["records"][-1]["problem"]
    made = ok(
        who.post(
            "/v1/source-accounts",
            {"connector": "poll", "source": "d11", "name": "线上商城", "secret": "the shop's key", "mapping": MAPPING,
             "config": {"url": shop, "back_days": 90}, "lag_seconds_max": 10_000_000,
             "secret_expires_at": (datetime.now(UTC) + timedelta(days=30)).isoformat()},
        )
    )["source"]  # fmt: skip
    her = known(town, "Md11")
    town.until(lambda: sum(one["type"] == "order.paid" for one in timeline(town, her)) == 3, "ninety days came in")
    assert alerts(town, "d11") == [], "the light is green"
    ends = datetime.now(UTC) + timedelta(days=6)
    ok(who.patch(f"/v1/source-accounts/{made['id']}", {"secret_expires_at": ends.isoformat()}))
    assert alerts(town, "d11") == ["expiring"]
    renewed = {"secret": "a new key of the shop", "expires_at": (ends + timedelta(days=90)).isoformat()}
    ok(who.post(f"/v1/source-accounts/{made['id']}/secret", renewed))
    assert alerts(town, "d11") == []


def test_d11_history_that_was_fetched_starts_nothing(commons: Town) -> None:
    assert ok(commons.person("marketing").get("/v1/messages", state="sent"))["items"] == []
