"""D08: any system pushes events, reads customers, subscribes to webhooks by the documented API; the Python client does all three."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from people import known
from town import Town, ok

from harness.receiver import listening
from tandem.kernel.settings import checkout, settings

sys.path.insert(0, str(checkout() / "clients" / "python"))
from tandem_client import ApiError, Tandem, verify


@pytest.fixture(scope="module")
def server(commons: Town) -> Iterator[str]:
    """The town's application on a port of its own."""
    running = uvicorn.Server(
        uvicorn.Config(commons.house.app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    started = threading.Event()
    while not running.started:
        started.wait(0.01)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TANDEM_WEBHOOK_PRIVATE_TARGETS", "true")
        settings.cache_clear()
        yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    settings.cache_clear()
    running.should_exit = True
    thread.join(10)


def key(town: Town, *permissions: str) -> str:
    return str(ok(town.person("admin").post("/v1/api-keys", {"name": "d08", "permissions": list(permissions)}))["key"])


def test_d08_push_read_and_subscribe(commons: Town, server: str) -> None:
    town = commons
    everything = key(town, "event.write", "customer.read", "privacy.personal", "webhook.read", "webhook.write")
    with listening() as receiver, Tandem(server, everything) as client:
        hook = client.webhooks.create_webhook(
            {"name": "d08", "url": f"{receiver.url}/d08", "event_types": ["order.paid"], "filter": "event.total >= 100"}
        )
        at = town.now.isoformat()
        who = [{"kind": "member_no", "value": "Md08"}]
        paid = {"status": "paid", "placed_at": at, "paid_at": at, "identifiers": who, "lines": []}
        records = [
            {
                "source": "d08",
                "external_id": f"o{total}",
                "kind": "order",
                "time": at,
                "payload": paid | {"order_id": f"d08-{total}", "total": total},
            }
            for total in ("40.00", "160.00")
        ]
        assert client.events.send({"events": records})["accepted"] == 2
        assert client.events.send({"events": records})["duplicates"] == 2
        town.until(lambda: receiver.heard, "the webhook is called")
        (heard,) = receiver.heard
        told = verify(hook["secret"], heard.headers, heard.body)
        assert told["data"]["order_id"] == "d08-160.00" if "data" in told else "d08-160.00" in json.dumps(told)
        her = known(town, "Md08")
        assert client.customers.read_customer(her)["id"] == her
        assert her in {one["id"] for one in client.customers.iter_search_customers(q="Md08")}


def test_d08_a_key_does_what_it_was_given_and_no_more(commons: Town, server: str) -> None:
    with Tandem(server, key(commons, "event.write")) as client, pytest.raises(ApiError) as refused:
        client.customers.search_customers(q="Md08")
    assert refused.value.status == 403
