"""Every kind of block over a batch in which one run is poison: the others pass it once, the poison fails alone, is mended and passes once.

All kinds go through the same batch at the same time, so that it costs one test; what each kind decides is asked in tests of its own.
"""

from __future__ import annotations

import socket
from typing import Any

import pytest

from harness.blocks import DRAWN, passing, starting, through, town
from harness.flows import FlowHouse
from tandem.flow import fanout
from tandem.flow.runs import Lane, Leaving, RunStatus


def no_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forbid every connection of Python's; the database's own goes through libpq in C and stays."""

    def refuse(*_: object, **__: object) -> Any:
        raise AssertionError("a block talked to the outside")

    for name in ("connect", "connect_ex", "send", "sendall", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)


def test_examples_are_of_every_kind_and_there_are_many(house: FlowHouse) -> None:
    of = town(house)
    assert {*passing(of), *starting(of), *DRAWN} == {kind.kind for kind in house.rooms.kinds.newest()}, (
        "a new kind needs an example"
    )
    assert len(house.rooms.kinds.newest()) >= 70


def test_every_kind_over_a_batch_with_a_poison_row(house: FlowHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = house.add_customers(3, city="上海", birthday="1990-05-05", division="310104", location="121.4,31.2")
    poison = crowd[1]
    examples = passing(town(house))
    no_outside(monkeypatch)
    with pytest.raises(AssertionError, match="outside"):
        socket.create_connection(("127.0.0.1", 9))
    flows = {kind: house.publish(through(house, kind, config), kind) for kind, config in examples.items()}
    house.owner(
        "create or replace function refuse() returns trigger language plpgsql as $$ begin"
        f" if new.customer_id = '{poison}' and new.reason = 'after' then raise exception 'poison'; end if; return new; end $$"
    )
    house.owner("create trigger refuse before insert on points_entry for each row execute function refuse()")
    house.events([("campaign.reached", one, {"campaign": "x"}) for one in crowd])
    for hours in (0, 1, 1, 48, 960):
        house.forward(hours=hours, minutes=1)
        house.settle(turns_max=2000)
        # Past so many failures in one turn the rest goes one by one, in a lane of its own.
        while house.turn(Lane.SLOW).anything:
            pass
    assert {kind: len(house.runs(flow)) for kind, flow in flows.items() if len(house.runs(flow)) != len(crowd)} == {}
    for kind, flow in flows.items():
        states = {run["customer_id"]: (run["status"], run["block"]) for run in house.runs(flow)}
        assert states.pop(poison) == (RunStatus.FAILED, "after"), kind
        assert {one[0] for one in states.values()} == {RunStatus.DONE}, kind
        for one in crowd:
            assert [port for name, port in house.steps(flow, one) if name == "tested" and port >= 0] != [], kind
            assert len([1 for name, port in house.steps(flow, one) if name == "tested" and port >= 0]) == 1, kind
    house.owner("drop trigger refuse on points_entry")
    with house.tx() as tx:
        for flow in flows.values():
            fanout.spread(tx, "retry", flow, {})
    house.settle(turns_max=4000)
    assert house.count("flow_parked") == 0
    given = house.owner("select customer_id, count(*) from points_entry where reason = 'after' group by 1")
    assert dict(given) == dict.fromkeys(crowd, len(flows)), "each run passed the block after the tested one, once"
    assert house.count("flow_step_log", f"path[2] = {int(Leaving.FAILED)}") == len(flows)
