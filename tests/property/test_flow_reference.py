"""Random flows and random histories: the engine does what an interpreter does that moves one run at a time.

A few examples in every run; `TANDEM_FLOW_EXAMPLES=5000` asks for many, `TANDEM_FLOW_SORT=order` for flows about orders alone.
"""

from __future__ import annotations

import copy
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from harness.database import Database
from harness.drawing import BAD, CALLED_ID, SORTS, Drawn, Fragile, Mark, Sort, changed, flows
from harness.flows import EVERYTHING, FlowHouse, open_flow_house
from harness.interpreter import Interpreter, Version
from tandem.catalog.label import Label
from tandem.flow import people, service
from tandem.flow.graph import parse_graph
from tandem.flow.module import KindRegistry
from tandem.flow.runs import INSIDE
from tandem.flow.runtime import Engine
from tandem.kernel.ids import new_id
from tandem.stream.events import NewEvent
from tandem.stream.identity import commands
from tandem.stream.inbox import emit
from tandem.stream.things import types

EXAMPLES = int(os.environ.get("TANDEM_FLOW_EXAMPLES", "4"))
TABLES = (
    "flow_run", "flow_due", "flow_step_log", "points_lot", "points_entry", "flow_parked", "human_task", "coupon", "order_line", "stock_level",
)  # fmt: skip
#: (word, coupons or lines, whose): four customers, or four things and whose they are. The first two customers may become one.
FOUR = (("上海", 1, 0), ("上海", 2, 1), ("北京", 0, 0), (BAD, 1, None))
AGES = {"now": timedelta(0), "told late": timedelta(minutes=90), "too late": timedelta(days=3)}
COUPONS = "00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(module_database) as opened:
        opened.rooms = replace(opened.rooms, kinds=KindRegistry([*opened.rooms.kinds.newest(), Fragile(), Mark()]))
        opened.engine = Engine(opened.rooms, opened.engine.worker)
        opened.owner(
            "insert into coupon_template (id, tenant_id, name, kind, value, currency, valid_days, created_at, updated_at)"
            " values (%(id)s, %(tenant)s, '券', 'amount', 5, 'CNY', 9, now(), now())",
            {"id": COUPONS},
        )
        with opened.tx() as tx:
            types.create(tx, opened.rooms.catalog, "opening", Label("开店", "Opening"), [], [])
        yield opened


Step = tuple[str, ...]
happening = st.tuples(
    st.just("event"), st.sampled_from("0123"), st.sampled_from(["now", "now", "now", "told late", "too late"])
)
step = st.one_of(
    happening,
    happening,
    st.just(("time",)),
    st.just(("time",)),
    st.tuples(st.just("answer"), st.sampled_from(["approved", "refused"])),
    st.tuples(st.just("mend"), st.sampled_from(["retry", "skip", "heal"])),
    st.tuples(st.just("publish"), st.sampled_from(["stay", "move", "move", "leave"]), st.sampled_from("01234")),
    st.sampled_from([("pause",), ("resume",), ("merge",), ("merge",), ("stop",)]),
)


@dataclass
class Trial:
    """A house with one flow, those it is about, and a model of each."""

    house: FlowHouse
    sort: Sort
    drawn: Drawn
    flow: UUID = field(init=False)
    sub: UUID | None = field(init=False, default=None)
    models: dict[UUID, Interpreter] = field(default_factory=dict[UUID, Interpreter])
    whose: dict[UUID, UUID | None] = field(default_factory=dict[UUID, UUID | None])
    """Thing -> its customer."""
    everybody: list[UUID] = field(default_factory=list[UUID])
    """The customers, those who are somebody else now, too: what is told of them is told of her."""
    running: str = "running"
    merged: bool = False

    def __post_init__(self) -> None:
        if self.drawn.called is not None:
            self.sub = self.house.publish(self.drawn.called, "被调用")
        self.flow = self.house.publish(self._named(self.drawn).graph)
        version = self._version(self.drawn)
        sub = None if self.drawn.called is None else Version(self.drawn.called, {})
        for word, things, _ in FOUR if self.sort.whose else ():
            (who,) = self.house.add_customers(1, **({"city": word} if self.sort.people else {}))
            # Of two who become one the older id survives.
            self.everybody.append(who)
            self.house.owner(
                "insert into coupon (bucket, id, tenant_id, customer_id, origin_id, template_id, code, status, issued_at, expires_at)"
                " select tandem_bucket(%(c)s), tandem_new_id(), %(tenant)s, %(c)s, %(c)s, %(t)s, md5(g::text || %(c)s::text), 'issued', now(),"
                " now() + interval '900 days' from generate_series(1, %(n)s) g",
                {"c": who, "n": things, "t": COUPONS},
            )
            if self.sort.people:
                self.models[who] = Interpreter(version, sub, word, {"coupons": things})
        for word, lines, owner in () if self.sort.people else FOUR:
            whose = self.everybody[owner] if self.sort.whose and owner is not None else None
            one = self._made(word, whose, lines)
            self.whose[one] = whose
            coupons = 0 if whose is None else FOUR[self.everybody.index(whose)][1]
            self.models[one] = Interpreter(version, sub, word, {"coupons": coupons, "lines": lines})
            self.models[one].owned = whose is not None
        self._count_places()

    def _count_places(self) -> None:
        """A stock item's word is its product: the counts of that product are related to it."""
        for model in self.models.values():
            same = [one for one in self.models.values() if one.city == model.city]
            model.things["stock_places"] = len(same)

    def _made(self, word: str, whose: UUID | None, lines: int) -> UUID:
        """A thing with this word, in its customer's bucket or in its own; an order has lines."""
        one = new_id()
        self.house.owner(
            _MADE[self.sort.name],
            made := {"id": one, "bucket": (whose or one).bytes[15], "number": str(one), "word": word, "whose": whose},
        )
        if self.sort.name == "order":
            self.house.owner(_LINES, made | {"lines": lines})
        return one

    def _named(self, drawn: Drawn) -> Drawn:
        text = json.dumps(drawn.graph).replace(CALLED_ID, str(self.sub))
        return replace(drawn, graph=json.loads(text))

    @staticmethod
    def _version(drawn: Drawn) -> Version:
        return Version(drawn.graph, drawn.caught)

    # ---------------------------------------------------------------------------------------------------- the steps

    def do(self, step: Step) -> None:
        """One step of the history in the engine and in the models; what has no meaning now is left out."""
        match step:
            case ("event", which, age):
                self._event(int(which), age)
            case ("time",):
                self._time()
            case ("answer", port):
                self._answer(port)
            case ("mend", how):
                self._mend(how)
            case ("publish", how, which):
                self._publish(how, int(which))
            case ("merge",):
                self._merge()
            case _:
                self._switch(step[0])
        event(step[0])

    def _event(self, which: int, age: str) -> None:
        kind = self.sort.events[which]
        at = self.house.now() - AGES[age]
        own = kind not in self.sort.through
        of = list(self.models) if own and not self.sort.people else self.everybody
        with self.house.tx("worker") as tx:
            emit(tx, [self._told(kind, at, one, own) for one in of])
        self.house.settle()
        for who, model in self.models.items():
            for one in of:
                if self._hears(who, one, own):
                    model.event(kind, self.house.now(), at)

    def _told(self, kind: str, at: datetime, one: UUID, own: bool) -> NewEvent:
        """What is told of a customer, or of a thing and whose it is."""
        thing = own and not self.sort.people
        whose = self.whose[one] if thing else one
        about = {"subject_type": self.sort.name, "subject_id": one} if thing else {}
        bucket = (whose or one).bytes[15]
        return NewEvent(type=kind, bucket=bucket, customer_id=whose, occurred_at=at, payload={}, **about)

    def _hears(self, who: UUID, told: UUID, own: bool) -> bool:
        """Does what is told of this one concern the model's?"""
        if self.sort.people:
            return self._now(told) == who
        if own:
            return told == who
        whose = self.whose[who]
        return whose is not None and self._now(whose) == self._now(told)

    def _now(self, who: UUID) -> UUID:
        return self.everybody[0] if self.merged and who == self.everybody[1] else who

    def _time(self) -> None:
        due = min((at for one in self.models.values() if (at := one.next_due()) is not None), default=None)
        if due is not None:
            self.house.forward(seconds=max(0.0, (due - self.house.now()).total_seconds()) + 20)
        self.house.settle()
        self._each(lambda model, now: model.time(now))

    def _each(self, act: Any) -> None:
        now: datetime = self.house.now()
        for model in self.models.values():
            act(model, now)

    def _answer(self, port: str) -> None:
        with self.house.tx() as tx:
            for one in people.tasks(tx, is_open=True, after=None, limit=100):
                people.decide(tx, one.id, port, "")
        self.house.settle()
        self._each(lambda model, now: model.answer(port, now))

    def _mend(self, how: str) -> None:
        if self.running == "stopped":
            return
        if how == "heal":
            table, column = self.sort.table, self.sort.column
            self.house.owner(f"update {table} set {column} = '北京' where {column} = %(bad)s", {"bad": BAD})
            for model in self.models.values():
                model.city = "北京" if model.city == BAD else model.city
            self._count_places()
            how = "retry"
        with self.house.tx() as tx:
            service.mend_failed(tx, self.flow, "retry" if how == "retry" else "skip")
        self.house.settle()
        self._each(lambda model, now: model.mend(how, now))

    def _publish(self, how: str, which: int) -> None:
        if self.running == "stopped":
            return
        self.drawn, heirs = changed(self.drawn, which)
        with self.house.tx() as tx:
            graph = parse_graph(self._named(self.drawn).graph)
            service.publish(
                tx,
                self.house.rooms,
                self.flow,
                EVERYTHING,
                running=how,
                successors=heirs,
                graph=graph,  # type: ignore[arg-type]
            )
        self.house.settle()
        version = self._version(self.drawn)
        self._each(lambda model, now: model.publish(version, how, heirs, now))

    def _merge(self) -> None:
        if self.merged or not self.sort.whose:
            return
        self.merged = True
        survivor, loser = self.everybody[:2]
        order = self.house.owner(
            "select customer_id from flow_run where flow_id = %(flow)s and parent_id is null and status = any(%(inside)s)"
            " and customer_id = any(%(both)s) order by entered_at, id",
            {"flow": self.flow, "inside": [int(one) for one in INSIDE], "both": [survivor, loser]},
        )
        with self.house.tx("worker") as tx:
            tx.execute(
                "insert into merge_command (tenant_id, id, verb, survivor_id, loser_id, reason, filed_at)"
                " values (%(tenant)s, %(id)s, 'merge', %(survivor)s, %(loser)s, 'test', now())",
                {"tenant": self.house.tenant, "id": new_id(), "survivor": survivor, "loser": loser},
            )
        while (outcome := commands.step(self.house.db, self.house.tenant, self.house.rooms)) is not None:
            assert outcome.status == "done", outcome
        self.house.settle()
        if self.sort.people:
            other = self.models.pop(loser)
            self.models[survivor].take_in(other, first=not order or order[0][0] == survivor)
            return
        for one, whose in self.whose.items():
            if whose in (survivor, loser):
                self.models[one].things["coupons"] = FOUR[0][1] + FOUR[1][1]

    def _switch(self, how: str) -> None:
        allowed = {"pause": ["running"], "resume": ["paused"], "stop": ["running", "paused"]}
        if self.running not in allowed[how] or (how == "pause" and not self.drawn.plain):
            return
        with self.house.tx() as tx:
            {"pause": service.pause, "resume": service.resume, "stop": service.stop}[how](tx, self.flow)
        self.running = {"pause": "paused", "resume": "running", "stop": "stopped"}[how]
        self.house.settle()
        acts = {
            "pause": lambda model, _: model.pause(),
            "resume": lambda model, now: model.resume(now),
            "stop": lambda model, _: model.stop(),
        }
        self._each(acts[how])

    # ------------------------------------------------------------------------------------------------- the comparison

    def compare(self) -> None:
        """The same runs at the same blocks, the same ways gone by each, the same points, and nothing left behind."""
        house = self.house
        flows = [one for one in (self.flow, self.sub) if one is not None]
        runs = [run for flow in flows for run in house.runs(flow)]
        gone = self._gone(flows)
        for who, model in self.models.items():
            mine = [run for run in runs if run[self._key] == who]
            assert Counter(
                (run["block"], tuple(gone.get(run["id"], ()))) for run in mine if run["status"] in INSIDE
            ) == Counter((one.block, tuple(one.passed)) for one in model.runs if not one.ended)
            assert Counter(tuple(gone.get(run["id"], ())) for run in mine) == Counter(
                tuple(one.passed) for one in model.runs
            )
            assert house.count("flow_run", f"{self._key} = '{who}' and goal_at is not null") == model.goals
            ((points,),) = house.owner(_POINTS if self.sort.people else _MARKS, {"who": who})
            assert points == model.points
        assert house.owner(_NOTHING_LEFT) == [(0, 0, 0, 0)]

    @property
    def _key(self) -> str:
        return "customer_id" if self.sort.people else "subject_id"

    def _gone(self, flows: list[UUID]) -> dict[Any, list[tuple[str, str]]]:
        """Run -> the ways it went, by the names of blocks and ports."""
        names: dict[UUID, dict[int, tuple[str, list[str]]]] = {}
        for flow in flows:
            ((numbers,),) = self.house.owner("select numbers from flow where id = %(flow)s", {"flow": flow})
            versions = self.house.owner("select graph from flow_version where flow_id = %(flow)s", {"flow": flow})
            known = names[flow] = {}
            for one in (one for (graph,) in versions for one in graph["blocks"]):
                kind = self.house.rooms.kinds.get(one["kind"], 1)
                assert kind is not None
                ports = [port.name for port in kind.ports(kind.config.model_validate(one["config"]))]
                known[numbers[one["id"]]] = (one["id"], ports)
        gone: dict[Any, list[tuple[str, str]]] = {}
        for flow, run, number, port in self.house.owner(
            "select r.flow_id, s.run_id, s.block, s.port from flow_step s join flow_run r on r.bucket = s.bucket and r.id = s.run_id"
            " where s.port >= 0 and r.flow_id = any(%(flows)s) order by s.run_id, s.visit, s.at, s.position",
            {"flows": flows},
        ):
            name, ports = names[flow][number]
            gone.setdefault(run, []).append((name, ports[port] if ports else ""))
        return gone

    def end(self) -> None:
        """Nothing of it meets the next one."""
        self.house.owner("update flow set status = 'stopped' where status in ('running', 'paused')")
        self.house.owner("update flow_epoch set epoch = epoch + 1")
        for table in TABLES:
            self.house.owner(f"delete from {table}")


_POINTS = "select coalesce(sum(earned), 0)::int from points_lot where customer_id = %(who)s"
_MARKS = (
    "select coalesce(sum(t.note::int), 0)::int from human_task t join flow_run r on r.bucket = t.bucket and r.id = t.run_id"
    " where t.title = 'mark' and r.subject_id = %(who)s"
)
_MADE = {
    "order": "insert into sales_order (bucket, id, tenant_id, customer_id, origin_id, source, external_id, status, placed_at, modified_at, currency,"
    " total, line_count) values (%(bucket)s, %(id)s, %(tenant)s, %(whose)s, %(whose)s, %(word)s, %(number)s, 'paid', now(), now(), 'CNY', 1, 1)",
    "stock_item": "insert into stock_level (bucket, id, tenant_id, source, product_id, place, quantity, counted_at)"
    " values (%(bucket)s, %(id)s, %(tenant)s, 'till', %(word)s, %(number)s, 1, now())",
    "opening": "insert into thing (bucket, id, tenant_id, type, number, title, stage_at, data, modified_at, created_at, updated_at)"
    " values (%(bucket)s, %(id)s, %(tenant)s, 'opening', %(number)s, %(word)s, now(), '{}', now(), now(), now())",
}
_LINES = (
    "insert into order_line (bucket, order_id, line_no, tenant_id, customer_id, origin_id, product_id, quantity, amount)"
    " select %(bucket)s, %(id)s, n, %(tenant)s, %(whose)s, %(whose)s, 'milk', 1, 1 from generate_series(1, %(lines)s) n"
)

#: Timers without their run, runs without their caller, tasks that nobody waits for, stops that nobody can see.
_NOTHING_LEFT = """
select (select count(*) from flow_due d left join flow_run r on r.bucket = d.bucket and r.id = d.run_id and r.wake_at = d.wake_at and r.status = 0
        where r.id is null)::int,
  (select count(*) from flow_run c left join flow_run p on p.bucket = c.bucket and p.id = c.parent_id and p.visit = c.parent_visit + 1
     and p.status in (0, 3, 5) where c.parent_id is not null and c.status in (0, 3, 5) and p.id is null)::int,
  (select count(*) from human_task t left join flow_run r on r.bucket = t.bucket and r.id = t.run_id and r.status in (0, 5)
     and r.visit = t.visit + 1 where t.state = 'open' and r.id is null)::int,
  (select count(*) from flow_parked p full join flow_run r on r.bucket = p.bucket and r.id = p.run_id
     where (p.run_id is not null) <> coalesce(r.status in (3, 5), false))::int
"""

Tale = tuple[Sort, Drawn]
ASKED = [one for one in SORTS.values() if os.environ.get("TANDEM_FLOW_SORT", one.name) == one.name]
tales = st.sampled_from(ASKED).flatmap(lambda sort: st.tuples(st.just(sort), flows(sort)))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES < 50,
    suppress_health_check=list(HealthCheck),
    database=None,
    # Making a failing example small takes an hour of a busy machine: TANDEM_FLOW_SHRINK asks for it.
    phases=[Phase.generate, *([Phase.shrink] if "TANDEM_FLOW_SHRINK" in os.environ else [])],
)
@given(told=tales, steps=st.lists(step, min_size=3, max_size=10))
def test_the_engine_does_what_one_run_at_a_time_would_do(house: FlowHouse, told: Tale, steps: list[Step]) -> None:
    sort, drawn = told
    event(sort.name)
    trial = Trial(house, sort, copy.deepcopy(drawn))
    try:
        for one in [("event", "0", "now"), *steps]:
            trial.do(one)
            trial.compare()
    except AssertionError:
        print(json.dumps([sort.name, drawn.graph, drawn.called, drawn.caught, steps], ensure_ascii=False))
        raise
    finally:
        trial.end()
