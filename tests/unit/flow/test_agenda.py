"""Is live work served first, every tenant in turn, and bulk never starved?"""

from __future__ import annotations

from tandem.flow.agenda import BUCKETS_PER_TURN, BULK_EVERY, Agenda
from tandem.flow.runs import ALL_WORK, Lane, Work
from tandem.kernel.ids import new_id


def test_live_work_comes_before_bulk_but_bulk_gets_its_share() -> None:
    agenda, tenant = Agenda(), new_id()
    lanes: list[Lane] = []
    for _ in range(100):
        agenda.add(tenant, Lane.LIVE, [1], ALL_WORK)
        agenda.add(tenant, Lane.BULK, [1], ALL_WORK)
        task = agenda.next()
        assert task is not None
        lanes.append(task.lane)
    assert lanes.count(Lane.BULK) == 100 // BULK_EVERY
    assert lanes.count(Lane.LIVE) == 100 - 100 // BULK_EVERY


def test_tenants_take_turns() -> None:
    agenda = Agenda()
    tenants = [new_id() for _ in range(3)]
    for tenant in tenants:
        agenda.add(tenant, Lane.NORMAL, range(BUCKETS_PER_TURN * 2), Work.TIMERS)
    served = [task.tenant for _ in range(6) if (task := agenda.next()) is not None]
    assert served == tenants * 2
    assert agenda.empty()


def test_a_bulk_turn_keeps_to_few_buckets_and_a_live_one_takes_all() -> None:
    agenda, tenant = Agenda(), new_id()
    agenda.add(tenant, Lane.NORMAL, range(40), Work.TIMERS)
    agenda.add(tenant, Lane.LIVE, range(40), Work.EVENTS)
    live, normal = agenda.next(), agenda.next()
    assert live is not None
    assert normal is not None
    assert (live.lane, len(live.buckets)) == (Lane.LIVE, 40)
    assert (normal.lane, len(normal.buckets)) == (Lane.NORMAL, BUCKETS_PER_TURN)


def test_the_same_bucket_waits_once_with_all_its_work() -> None:
    agenda, tenant = Agenda(), new_id()
    agenda.add(tenant, Lane.LIVE, [3, 4], Work.TIMERS)
    agenda.add(tenant, Lane.LIVE, [4, 5], Work.EVENTS)
    task = agenda.next()
    assert task is not None
    assert (task.buckets, task.work) == ((3, 4, 5), Work.TIMERS | Work.EVENTS)
