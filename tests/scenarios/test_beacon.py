"""A company's own web site: visits come by the snippet's door, belong to nobody, and join their customer by her own word."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import Response
from town import Town, block, draw_and_publish, graph, member, ok

from tandem.domains.messaging.channel import Outgoing
from tandem.domains.messaging.popups.channel import PageChannel
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.ids import bucket_of, new_id
from tandem.stream.beacon.door import BeaconDoor
from tandem.stream.beacon.token import sign
from tandem.stream.door.pending import take_in
from tandem.stream.door.wire import Parsed
from tandem.stream.sources import raw
from tandem.stream.sources.hooks import Kept

ORIGIN = "https://shop.example.com"
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604"


@dataclass
class Site:
    """A site's key and secret, and a browser on one of its pages."""

    town: Town
    key: str
    secret: str
    ids: Iterator[int] = field(default_factory=lambda: iter(range(10_000_000, 99_999_999)))

    def send(
        self, *events: dict[str, Any], origin: str | None = ORIGIN, headers: dict[str, str] | None = None, **more: Any
    ) -> Response:
        now = datetime.now(UTC).isoformat()
        told = [{"id": f"ev-{self.key[:8]}-{next(self.ids)}", "type": "page", "at": now} | one for one in events]
        sent = {"user-agent": BROWSER, "content-type": "text/plain;charset=UTF-8"} | (headers or {})
        if origin is not None:
            sent["origin"] = origin
        body = json.dumps({"sent_at": now, "events": told} | more)
        client = self.town.house.stranger().client
        return client.post(f"/v1/beacon?site={self.key}", content=body, headers=sent)

    def token(self, number: str) -> str:
        return sign({"sub": number, "exp": (datetime.now(UTC) + timedelta(hours=1)).timestamp()}, self.secret)


def make_site(town: Town, name: str, **config: Any) -> Site:
    made = ok(
        town.person("operator").post(
            "/v1/source-accounts",
            {"connector": "beacon", "source": name, "name": name, "config": {"origins": [ORIGIN], **config}},
        )
    )
    assert made["source"]["address"] == "/v1/beacon"
    return Site(town, made["source"]["id"], made["secret"])


@pytest.fixture(scope="module")
def site(commons: Town) -> Site:
    return make_site(commons, "web")


def customer_of(town: Town, number: str) -> str:
    found = town.until(
        lambda: ok(town.person("marketing").get("/v1/customers", q=number))["items"], f"{number} is known"
    )
    return str(found[0]["id"])


def seen_of(town: Town, customer: str) -> list[str]:
    items = ok(town.person("marketing").get(f"/v1/customers/{customer}/timeline", limit=50))["items"]
    return [one["payload"]["name"] for one in items if one["type"] == "behaviour.recorded"]


def test_only_listed_pages_may_send_and_the_browser_is_told(site: Site) -> None:
    client = site.town.house.stranger().client
    asked = client.options(f"/v1/beacon?site={site.key}", headers={"origin": ORIGIN})
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in asked.headers
    answer = site.send({})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, ORIGIN)
    for origin in ("https://evil.example.com", "null", None):
        refused = site.send({}, origin=origin)
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers
    nobody = client.post(
        f"/v1/beacon?site={'0' * 8}-0000-7000-8000-{'0' * 12}", content="{}", headers={"origin": ORIGIN}
    )
    assert nobody.status_code == 404


def test_the_snippet_may_be_loaded_from_anywhere(site: Site) -> None:
    answer = site.town.house.stranger().get("/beacon.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


def test_a_page_reads_why_it_was_refused(site: Site) -> None:
    broken = site.send({"type": "nonsense"})
    assert (broken.status_code, broken.headers["access-control-allow-origin"]) == (422, ORIGIN)
    huge = site.send(*({"title": "x" * 2000} for _ in range(40)))
    assert huge.status_code == 413


def test_anonymous_visits_become_hers_when_she_says_who_she_is(site: Site) -> None:
    town = site.town
    town.tell(member("W1", "王芳"), member("W2", "李梅"))
    first, other = customer_of(town, "MW1"), customer_of(town, "MW2")
    device = {"device": "device-w1-0001", "consent": True}
    early = {"id": "ev-w1-early-01", "type": "page", "url": f"{ORIGIN}/milk?utm_source=douyin"}
    for _ in range(2):
        assert (
            site.send(early, {"id": "ev-w1-click-01", "type": "click", "mark": "add-to-cart"}, **device).status_code
            == 204
        )
    site.send({"id": "ev-w1-ident-1", "type": "identify"}, token=site.token("MW1"), **device)
    # Once each, though the page sent them twice.
    town.until(
        lambda: sorted(seen_of(town, first)) == ["click", "identify", "page_view"],
        "what came before is on her timeline",
    )
    # Somebody else on the same device gets what follows, and nothing of hers; nobody is merged.
    site.send({"id": "ev-w1-other-1", "type": "event", "name": "wish"}, token=site.token("MW2"), **device)
    town.until(lambda: seen_of(town, other) == ["wish"], "the other visitor has her own")
    assert sorted(seen_of(town, first)) == ["click", "identify", "page_view"]
    for who in (first, other):
        assert ok(town.person("admin").get("/v1/merges", customer_id=who))["items"] == []


class Caught:
    """The buffer's side of the door with nobody behind it."""

    def __init__(self) -> None:
        self.messages: list[tuple[UUID, list[Kept]]] = []

    def put(self, tenant: UUID, keys: TenantKeys, deliveries: Sequence[Kept]) -> None:
        self.messages.append((tenant, list(deliveries)))


def test_browsers_write_to_the_buffer_where_one_stands_before_the_database(site: Site) -> None:
    town = site.town
    town.tell(member("W7", "周敏"))
    her = customer_of(town, "MW7")
    state, caught = town.house.app.state, Caught()
    kept = getattr(state, "beacon_door", None)
    state.beacon_door = BeaconDoor(town.house.db, buffer=caught)
    try:
        assert (
            site.send({"id": "ev-w7-wish-01", "type": "event", "name": "wish"}, token=site.token("MW7")).status_code
            == 204
        )
    finally:
        state.beacon_door = kept or BeaconDoor(town.house.db)
    ((tenant, (delivery,)),) = caught.messages
    assert seen_of(town, her) == []
    # What the worker makes of it is what the door itself would have written.
    with town.house.db.tx("door", tenant=tenant) as tx:
        item = raw.envelope(delivery.source, delivery.delivery_id, tx.now, delivery.payload, kind=delivery.kind)
        take_in(tx, Parsed([item], [], {}))
    town.until(lambda: seen_of(town, her) == ["wish"], "what the buffer held is hers")


def test_history_told_late_starts_nothing(site: Site) -> None:
    """What was done before she said who she is is history: it changes what is known, and no flow is entered."""
    town, who = site.town, site.town.person("marketing")
    town.tell(member("W3", "赵敏"))
    her = customer_of(town, "MW3")
    drawn = graph(
        [
            block("start", "start.event", event_type="behaviour.recorded", condition="event.name in ['early', 'late']"),
            block("exit", "flow.exit"),
        ],
        ["start.entered>exit"],
        reentry={"rule": "always"},
    )
    flow = draw_and_publish(who, "浏览后关怀", drawn)
    device = {"device": "device-w3-0001", "consent": True}
    site.send({"type": "event", "name": "early"}, **device)
    site.send({"type": "event", "name": "late"}, token=site.token("MW3"), **device)
    town.until(lambda: sorted(seen_of(town, her)) == ["early", "late"], "both are on her timeline")
    town.until(lambda: ok(who.get(f"/v1/flows/{flow}"))["counts"]["done"], "the live one went through")
    assert ok(who.get(f"/v1/flows/{flow}"))["counts"]["entered"] == 1


def test_without_consent_a_device_is_not_kept(site: Site) -> None:
    town = site.town
    town.tell(member("W4", "孙丽"))
    her = customer_of(town, "MW4")
    site.send({"type": "page"}, device="device-w4-0001", consent=False)
    site.send({"type": "identify"}, token=site.token("MW4"), device="device-w4-0001", consent=False)
    town.until(lambda: seen_of(town, her) == ["identify"], "only what she signed is hers")


def test_a_forged_token_names_nobody(site: Site) -> None:
    town = site.town
    town.tell(member("W5", "周敏"))
    her = customer_of(town, "MW5")
    forged = sign({"sub": "MW5", "exp": datetime.now(UTC).timestamp() + 600}, "guessed")
    assert site.send({"type": "event", "name": "forged"}, token=forged).status_code == 204
    site.send({"type": "event", "name": "signed"}, token=site.token("MW5"))
    town.until(lambda: seen_of(town, her) == ["signed"], "only the signed one is hers")


def test_who_does_not_want_it_and_who_is_no_person_is_not_kept(site: Site) -> None:
    town = site.town
    town.tell(member("W6", "吴敏"))
    her = customer_of(town, "MW6")
    for header in ({"dnt": "1"}, {"sec-gpc": "1"}, {"user-agent": "Googlebot/2.1"}):
        unseen = site.send({"type": "event", "name": "unseen"}, token=site.token("MW6"), headers=header)
        assert unseen.status_code == 204
    site.send({"type": "event", "name": "seen"}, token=site.token("MW6"))
    town.until(lambda: seen_of(town, her) == ["seen"], "only the last came in")


def test_one_visitor_cannot_use_up_the_site(commons: Town) -> None:
    small = make_site(commons, "web-small", per_minute=600, per_address=8)
    answers = [small.send({}).status_code for _ in range(4)]
    assert answers[:2] == [204, 204]
    assert answers[-1] == 429
    refused = small.send({})
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["access-control-allow-origin"] == ORIGIN


def test_a_switched_off_site_takes_nothing(commons: Town) -> None:
    shut = make_site(commons, "web-shut")
    ok(commons.person("operator").patch(f"/v1/source-accounts/{shut.key}", {"status": "paused"}))
    assert shut.send({}).status_code == 404


def test_a_pop_up_waits_for_her_on_the_companys_pages_and_is_shown_once(site: Site) -> None:
    """J12: an offer on the page itself, to her alone, with what she did with it told to flows."""
    town, who = site.town, site.town.person("marketing")
    town.tell(member("W20", "周倩"), member("W21", "吴桐"))
    customer = customer_of(town, "MW20")
    body = "周年庆\n{{customer.name}}，您看的猫粮减 15\n[去看看](https://shop.example.com/cat)"
    template = ok(who.post("/v1/message-templates", {"name": "弹窗", "body": body}))["id"]
    drawn = graph(
        [
            block("start", "start.event", event_type="behaviour.recorded", condition="event.name = '看猫粮测评'"),
            block("m", "messaging.page", template=template, message_class="marketing"),
            block("exit", "flow.exit"),
        ],
        ["start.entered>m", "m.sent>exit", "m.skipped>exit"],
        reentry={"rule": "always"},
    )
    draw_and_publish(who, "猫粮弹窗", drawn)
    client, ids = town.house.stranger().client, {"content-type": "text/plain", "user-agent": BROWSER}

    def ask(token: str, *seen: tuple[str, str], origin: str = ORIGIN) -> Response:
        told = {"token": token, "seen": [{"id": one, "what": what} for one, what in seen]}
        return client.post(
            f"/v1/beacon/popups?site={site.key}", content=json.dumps(told), headers=ids | {"origin": origin}
        )

    hers = site.token("MW20")
    assert ask(hers).status_code == 204, "there is nothing for her yet"
    town.tell(
        (
            "behaviour",
            {"name": "看猫粮测评", "identifiers": [{"kind": "member_no", "value": "MW20"}], "at": town.ago(seconds=1)},
        )
    )
    answer = town.until(lambda: found if (found := ask(hers)).status_code == 200 else None, "the pop-up waits for her")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    shown = answer.json()["popup"]
    assert {name: shown[name] for name in ("title", "text", "button", "link")} == {
        "title": "周年庆",
        "text": "周倩，您看的猫粮减 15",
        "button": "去看看",
        "link": "https://shop.example.com/cat",
    }
    # Nobody else is shown it, nor can say what she did with it.
    foreign = ask(hers, origin="https://evil.example.com")
    assert (foreign.status_code, "access-control-allow-origin" in foreign.headers) == (403, False)
    for token in (site.token("MW21"), sign({"sub": "MW20", "exp": 4e9}, "another secret"), ""):
        assert ask(token, (shown["id"], "clicked")).status_code == 204
    assert (
        client.post(f"/v1/beacon/popups?site={site.key}", content="{}", headers=ids | {"origin": ORIGIN}).status_code
        == 422
    )

    def deeds() -> list[str]:
        items = ok(who.get(f"/v1/customers/{customer}/timeline", limit=50, kind="message"))["items"]
        return sorted(one["type"] for one in items)

    # While her consent is away it is not shown; given again, it waits where it was.
    consent = {"purpose": "marketing", "channel": "page", "state": "withdrawn", "source": "hotline"}
    ok(town.person("admin").post(f"/v1/customers/{customer}/consents", consent))
    assert ask(hers).status_code == 204
    ok(town.person("admin").post(f"/v1/customers/{customer}/consents", consent | {"state": "granted"}))
    assert ask(hers).json()["popup"]["id"] == shown["id"]
    assert ask(hers, (shown["id"], "shown")).json()["popup"]["id"] == shown["id"], "seen, neither pressed nor closed"
    for _ in range(2):
        assert ask(hers, (shown["id"], "shown"), (shown["id"], "clicked")).status_code == 204, "once is enough"
    town.until(lambda: deeds() == ["message.clicked", "message.read", "message.sent"], "each deed is told once")
    # Another one waits while she turns out to be somebody else: whoever survives is shown it, until that is undone.
    town.tell(
        (
            "behaviour",
            {"name": "看猫粮测评", "identifiers": [{"kind": "member_no", "value": "MW20"}], "at": town.ago(seconds=1)},
        )
    )
    second = town.until(lambda: found if (found := ask(hers)).status_code == 200 else None, "another one waits for her")
    theirs, admin = site.token("MW21"), town.person("admin")
    ok(admin.post("/v1/merges", {"survivor": customer_of(town, "MW21"), "loser": customer}))
    (merge,) = town.until(lambda: ok(admin.get("/v1/merges", customer_id=customer))["items"], "they are one")
    assert ask(theirs).json() == ask(hers).json() == second.json()
    late = Outgoing(new_id(), bucket_of(UUID(customer)), UUID(customer), UUID(template), "在路上的一条")
    assert PageChannel().deliver(town.house.db, town.house.a.id, [late], 0)[0].result == "sent"
    with town.house.db.tx("worker", tenant=town.house.a.id) as tx:
        where = "select customer_id, origin_id from page_popup where bucket = any(%(buckets)s) and tenant_id = %(tenant)s and id = %(id)s"
        row = tx.cursor(where, {"buckets": list(range(256)), "tenant": tx.tenant_id, "id": late.key}).fetchone()
    assert row == (UUID(customer_of(town, "MW21")), UUID(customer)), "it lies where its message has moved to"
    ok(admin.post(f"/v1/merges/{merge['id']}/undo"))
    assert (ask(theirs).status_code, ask(hers).json()) == (204, second.json())
