"""Is a flow cut into statements at the right places?"""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from harness.flows import block, graph
from tandem.catalog import Catalog
from tandem.flow.compiler import tables_of
from tandem.flow.graph import parse_graph
from tandem.flow.kinds import KINDS
from tandem.flow.module import KindRegistry
from tandem.flow.node import Fragment
from tandem.flow.plan import Plan, numbered, plan_of, stretch_places
from tandem.flow.region import REGION_BLOCKS_MAX, Tables, never_waiting, region
from tandem.kernel.ids import new_id

KINDRED = KindRegistry(KINDS)
HOUR = {"amount": "1", "unit": "hours"}


def plan(blocks: list[dict[str, object]], arrows: list[str]) -> Plan:
    drawn = parse_graph(graph(blocks, arrows))
    places = {place: number for number, place in enumerate(stretch_places(drawn, KINDRED), start=1)}
    return plan_of(
        drawn,
        KINDRED,
        flow_id=new_id(),
        version_id=new_id(),
        version_number=1,
        numbers=numbered(drawn, {}),
        stretches=places,
        zone="UTC",
        catalog=Catalog.assemble(()),
    )


def tag(name: str) -> dict[str, object]:
    return block(name, "customer.add_tag", tag=name)


START = block("start", "start.event", event_type="order.paid")


def test_a_straight_stretch_runs_from_the_start_to_the_wait() -> None:
    drawn = plan(
        [START, tag("a"), tag("b"), block("wait", "wait.duration", span=HOUR), block("exit", "flow.exit")],
        ["start.entered>a", "a.done>b", "b.done>wait", "wait.done>exit"],
    )
    found = region(drawn, "start", lambda _: True)
    assert found.order == ["start", "a", "b"]
    assert [way.kind for way in found.ways["b"]] == ["park"]
    assert [way.kind for way in region(drawn, "wait", lambda _: True).ways["wait"]] == ["end"]


def test_a_block_without_a_fragment_stands_alone() -> None:
    drawn = plan([START, tag("a"), tag("b"), tag("c")], ["start.entered>a", "a.done>b", "b.done>c"])
    found = region(drawn, "start", lambda one: one.id != "b")
    assert found.order == ["start", "a"]
    assert [(way.kind, way.target) for way in found.ways["a"]] == [("cut", "b")]
    assert [way.kind for way in found.ways["start"]] == ["pass"]


def test_an_arrow_that_leads_back_is_cut() -> None:
    drawn = plan([START, tag("a"), tag("b")], ["start.entered>a", "a.done>b", "b.done>a"])
    found = region(drawn, "start", lambda _: True)
    assert [(way.kind, way.target) for way in found.ways["b"]] == [("cut", "a")]


def test_two_branches_meet_in_one_block_after_both() -> None:
    ways = [{"name": "w1", "label": "一", "condition": "true"}]
    drawn = plan(
        [START, block("way", "decide.condition", ways=ways), tag("a"), tag("b"), tag("c")],
        ["start.entered>way", "way.w1>a", "way.else>b", "a.done>c", "b.done>c"],
    )
    order = region(drawn, "start", lambda _: True).order
    assert order[:2] == ["start", "way"]
    assert order[-1] == "c"
    assert sorted(order) == ["a", "b", "c", "start", "way"]


def test_a_block_that_looks_at_what_an_earlier_one_writes_begins_a_new_statement() -> None:
    drawn = plan([START, tag("a"), tag("b"), tag("c")], ["start.entered>a", "a.done>b", "b.done>c"])
    touched = {"a": Tables(writes=frozenset({"t"})), "c": Tables(reads=frozenset({"t"}))}
    found = region(drawn, "start", lambda _: True, touched)
    assert found.order == ["start", "a", "b"]
    assert [(way.kind, way.target) for way in found.ways["b"]] == [("cut", "c")]


def test_a_clean_way_into_a_block_does_not_open_it_to_a_dirty_one() -> None:
    ways = [{"name": "w1", "label": "一", "condition": "true"}]
    drawn = plan(
        [START, block("way", "decide.condition", ways=ways), tag("a"), tag("b"), tag("c")],
        ["start.entered>way", "way.w1>b", "way.else>a", "a.done>b", "b.done>c"],
    )
    touched = {"a": Tables(writes=frozenset({"t"})), "c": Tables(reads=frozenset({"t"}))}
    found = region(drawn, "start", lambda _: True, touched)
    assert [(way.kind, way.target) for way in found.ways["way"]] == [("pass", "b"), ("pass", "a")]
    assert [(way.kind, way.target) for way in found.ways["a"]] == [("cut", "b")]


def test_tables_are_read_from_the_text() -> None:
    one = Fragment(
        joins="left join customer_tag g on g.bucket = r.bucket",
        effects={
            "w": "insert into points_lot (bucket) select 1 from {rows} r",
            "d": "delete from coupon c using {rows} r",
        },
    )
    assert tables_of(one).writes == {"points_lot", "coupon"}
    assert {"customer_tag", "coupon"} <= tables_of(one).reads
    assert "points_lot" not in tables_of(one).reads


def test_a_long_flow_is_cut_into_statements_of_bounded_size() -> None:
    names = [f"t{number}" for number in range(120)]
    arrows = ["start.entered>t0", *(f"{left}.done>{right}" for left, right in itertools.pairwise(names))]
    found = region(plan([START, *(tag(name) for name in names)], arrows), "start", lambda _: True)
    assert len(found.order) == REGION_BLOCKS_MAX


edges = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20)


@given(edges, st.sets(st.integers(0, 7)))
def test_loops_without_a_wait_are_found_exactly_where_they_are(pairs: list[tuple[int, int]], waits: set[int]) -> None:
    leads = {str(one): tuple(str(to) for start, to in pairs if start == one) for one in range(8)}
    loops = never_waiting(leads, frozenset(str(one) for one in waits))
    for loop in loops:
        assert not {int(one) for one in loop} & waits
        assert all(right in leads[left] for left, right in zip(loop, [*loop[1:], loop[0]], strict=True))
    free = [one for one in range(8) if one not in waits]
    reach = {one: {to for start, to in pairs if start == one and to not in waits} for one in free}
    for _ in free:
        for one in free:
            reach[one] = reach[one].union(*(reach[to] for to in reach[one]))
    assert bool(loops) == any(one in reach[one] for one in free)
