"""Credentials of calls: sealed, sent to their own host alone, and nowhere to be read afterwards."""

from __future__ import annotations

import json

import pytest

from engine.flow.test_more_blocks import asked
from harness.flows import EVERYTHING, FlowHouse, block, graph
from tandem.flow import service
from tandem.flow.graph import parse_graph
from tandem.flow.life import transfer
from tandem.flow.sealed import service as secrets
from tandem.kernel.errors import InvalidInput, NotFound
from tandem.stream.webhooks.post import Answer

VALUE = "s3cr3t/and+more"
START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")
PORTS = ("ok", "refused", "failed", "timeout")
CONFIG = {
    "url": "https://erp.example.com/v1/check?key={secret.erp}",
    "headers": [{"name": "Authorization", "value": "Bearer ", "secret": "erp"}],
    "body": [{"name": "city", "value": "customer.city"}, {"name": "token", "secret": "erp"}],
    "answers": [{"name": "said", "type": "text", "path": "said"}],
    "attempts": 1,
    "timeout": {"amount": "1", "unit": "hours"},
}


def drawn(**config: object) -> dict[str, object]:
    asked = block("t", "integrate.http", **{**CONFIG, **config})
    return graph([START, asked, EXIT], ["start.entered>t", *(f"t.{port}>exit" for port in PORTS)])


def seal(house: FlowHouse, host: str = "erp.example.com", value: str = VALUE) -> None:
    with house.tx() as tx:
        secrets.set_secret(tx, "erp", host, value)


def findings(house: FlowHouse, **config: object) -> list[tuple[str, str]]:
    with house.tx() as tx:
        flow = service.create_flow(tx, "查", parse_graph(drawn(**config)))
        found = service.check_flow(tx, house.rooms, flow, EVERYTHING)
    return [(one.finding.code, one.finding.where) for one in found]


def test_a_credential_is_sent_and_stands_nowhere(house: FlowHouse, caplog: pytest.LogCaptureFixture) -> None:
    seal(house)
    house.publish(drawn())
    (who,) = house.add_customers(1, city="上海")
    house.event("order.paid", who, {})
    house.settle()
    echo = Answer(200, 1, f"quoted {VALUE}", json.dumps({"said": f"you sent {VALUE}"}))
    (call,) = asked(house, echo)
    assert call.headers == {"Authorization": f"Bearer {VALUE}"}
    assert json.loads(call.body or "") == {"city": "上海", "token": VALUE}
    assert call.url == "https://erp.example.com/v1/check?key=s3cr3t%2Fand%2Bmore"
    assert VALUE not in repr(call)
    tables = (
        "http_call",
        "flow_run",
        "flow_version",
        "flow",
        "event",
        "inbox",
        "audit_entry",
        "flow_secret",
        "flow_step_log",
    )
    for table in tables:
        assert house.owner(f"select count(*) from {table} t where t::text like '%%s3cr3t%%'") == [(0,)], table
    assert "s3cr3t" not in caplog.text
    assert house.owner("select payload #>> '{data,said}' from event where type = 'http.answered'") == [
        ("you sent ***",)
    ]


def test_a_credential_goes_to_its_own_host_alone(house: FlowHouse) -> None:
    seal(house)
    house.publish(drawn())
    house.events([("order.paid", who, {}) for who in house.add_customers(1)])
    house.settle()
    seal(house, host="other.example.com")
    assert asked(house, Answer(200, 1, None, "{}")) == [], "it belongs to another host by now"
    assert house.owner("select state, problem from http_call") == [
        ("failed", "the credential erp may not be sent to erp.example.com")
    ]
    assert ("secret_host", "url") in findings(house)
    with house.tx() as tx:
        secrets.remove_secret(tx, "erp")
    assert {where for code, where in findings(house) if code == "secret_missing"} == {
        "url",
        "headers[0].secret",
        "body[1].secret",
    }


def test_credentials_in_the_clear_are_refused_and_never_kept(house: FlowHouse) -> None:
    headers = [{"name": "X-Api-Key", "value": VALUE}, {"name": "X-Trace", "value": "on"}]
    body = [{"name": "password", "value": f"'{VALUE}'"}, {"name": "city", "value": "customer.city"}]
    url = f"https://erp.example.com/v1?a=1&access_token={VALUE}"
    plain = drawn(url=url, headers=headers, body=body)
    with house.tx() as tx:
        flow = service.create_flow(tx, "旧")
    house.owner("update flow set draft = %(draft)s::jsonb where id = %(id)s", {"draft": json.dumps(plain), "id": flow})
    with house.tx() as tx:
        file = transfer.export_flow(tx, house.rooms, flow)
        codes = [one.finding.code for one in service.check_flow(tx, house.rooms, flow, EVERYTHING)]
    assert sorted(codes) == ["body_secret", "header_secret", "url_secret"]
    assert VALUE not in file.model_dump_json()
    assert "X-Trace" in file.model_dump_json()
    with house.tx() as tx:
        service.save_draft(tx, flow, plain, 1)
        kept = service.get_flow(tx, flow).draft["blocks"][1]["config"]
    assert [one["value"] for one in kept["headers"]] == ["", "on"]
    assert kept["url"] == "https://erp.example.com/v1?a=1&access_token="
    assert kept["body"] == body, "a text that may be no credential stays in the draft, with a warning"


def test_a_credential_is_set_listed_and_deleted(house: FlowHouse) -> None:
    seal(house)
    seal(house, value="another-value")
    flow = house.publish(drawn(), "查询")
    with house.tx() as tx:
        (row,) = secrets.list_secrets(tx)
        assert (row.name, row.host) == ("erp", "erp.example.com")
        assert [(one.secret, one.flow_id, one.flow) for one in secrets.users(tx)] == [("erp", flow, "查询")]
        for bad in ("short", "has\nnewline-inside", " padded-value ", "密码密码密码密码"):
            with pytest.raises(InvalidInput) as refused:
                secrets.set_secret(tx, "erp", "erp.example.com", bad)
            assert bad.strip() not in str(refused.value.details)
        secrets.remove_secret(tx, "erp")
        with pytest.raises(NotFound):
            secrets.get_secret(tx, "erp")
    trail = house.owner("select action, after from audit_entry where entity = 'flow_secret' order by at, id")
    assert [one[0] for one in trail] == ["flow_secret.created", "flow_secret.changed", "flow_secret.deleted"]
    assert trail[0][1] == {"name": "erp", "host": "erp.example.com", "note": ""}
