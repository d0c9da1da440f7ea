"""Who writes for those who wait: do all get what became of their own item?"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
import structlog

from tandem.stream.flushes import BRISK, GATHER_SECONDS, GATHER_SECONDS_MAX, RUSH, Flushes, Outcome, Pace

TENANT = UUID(int=1)


def submit_beside(
    flushes: Flushes[int], held: threading.Event, started: threading.Event, items: Sequence[int]
) -> list[str]:
    """Submit all items while the first holds the write; returns what each caller got, in order."""

    def one(item: int) -> str:
        try:
            flushes.submit(TENANT, item)
        except (ValueError, OSError) as error:
            return str(error)
        return "durable"

    with ThreadPoolExecutor(len(items)) as pool:
        first = pool.submit(one, items[0])
        assert started.wait(120)
        rest = [pool.submit(one, item) for item in items[1:]]
        while flushes.waiting(TENANT) < len(rest):
            threading.Event().wait(0.001)
        held.set()
        return [first.result(), *(future.result() for future in rest)]


def writer(
    groups: list[list[int]], say: Callable[[list[int]], Outcome]
) -> tuple[Flushes[int], threading.Event, threading.Event]:
    held, started = threading.Event(), threading.Event()

    def write(_: UUID, items: Sequence[int]) -> Outcome:
        groups.append(list(items))
        started.set()
        held.wait(120)
        return say(list(items))

    return Flushes(write, 4), held, started


def test_those_who_wait_share_writes_of_at_most_so_many() -> None:
    groups: list[list[int]] = []
    flushes, held, started = writer(groups, lambda items: None)
    assert submit_beside(flushes, held, started, range(10)) == ["durable"] * 10
    assert [len(group) for group in groups] == [1, 4, 4, 1]
    assert sorted(item for group in groups for item in group) == list(range(10))
    flushes.submit(TENANT, 10)
    assert groups[-1] == [10]
    assert flushes.waiting(TENANT) == 0


def test_each_gets_its_own_outcome() -> None:
    flushes, held, started = writer([], lambda items: [ValueError(f"{one}") if one % 2 else None for one in items])
    assert submit_beside(flushes, held, started, range(6)) == ["durable", "1", "durable", "3", "durable", "5"]


def test_a_write_that_raises_fails_its_group_and_the_next_goes_on() -> None:
    groups: list[list[int]] = []

    def say(items: list[int]) -> Outcome:
        if len(groups) == 2:
            raise OSError("no disk")
        return None

    flushes, held, started = writer(groups, say)
    told = submit_beside(flushes, held, started, range(8))
    assert [told[item] for item in groups[1]] == ["no disk"] * 4
    assert all(told[item] == "durable" for group in (groups[0], *groups[2:]) for item in group)


def test_tenants_do_not_wait_for_each_other() -> None:
    flushes, held, started = writer([], lambda items: None)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(flushes.submit, TENANT, 1)
        assert started.wait(120)
        assert flushes.waiting(UUID(int=2)) == 0
        held.set()
        first.result()


def test_what_ends_the_process_reaches_the_caller() -> None:
    def write(_: UUID, items: Sequence[int]) -> Outcome:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Flushes(write).submit(TENANT, 1)


def test_coroutines_and_threads_share_a_line() -> None:
    groups: list[list[int]] = []
    flushes, held, started = writer(groups, lambda items: [ValueError(f"{one}") if one % 2 else None for one in items])

    async def story() -> list[str]:
        async def one(item: int) -> str:
            try:
                await flushes.join(TENANT, item)
            except ValueError as error:
                return str(error)
            return "durable"

        tasks = [asyncio.create_task(one(item)) for item in range(6)]
        await asyncio.to_thread(started.wait, 120)
        gives_up = asyncio.create_task(one(6))
        thread = asyncio.create_task(asyncio.to_thread(flushes.submit, TENANT, 8))
        while flushes.waiting(TENANT) < 7:  # noqa: ASYNC110 - the line tells nobody how long it is
            await asyncio.sleep(0.001)
        gives_up.cancel()
        held.set()
        await thread
        return await asyncio.gather(*tasks)

    with ThreadPoolExecutor(1) as aside:
        told = aside.submit(lambda: asyncio.run(story())).result()
    flushes.close()
    assert told == ["durable", "1", "durable", "3", "durable", "5"]
    assert sorted(item for group in groups for item in group) == [0, 1, 2, 3, 4, 5, 6, 8], "who gave up is written too"
    assert [len(group) for group in groups] == [1, 4, 3]


def test_a_loop_that_has_ended_holds_up_nobody() -> None:
    flushes, held, started = writer([], lambda items: None)

    async def leave() -> None:
        task = asyncio.create_task(flushes.join(TENANT, 1))
        await asyncio.to_thread(started.wait, 120)
        task.cancel()

    async def stay() -> None:
        await flushes.join(TENANT, 2)

    with ThreadPoolExecutor(1) as aside:
        aside.submit(lambda: asyncio.run(leave())).result()
        held.set()
        aside.submit(lambda: asyncio.run(stay())).result()
    flushes.close()
    assert flushes.waiting(TENANT) == 0


def test_only_a_rush_gathers_for_long() -> None:
    pace, now = Pace(), 100.0

    def after(seconds: float, rate: float) -> float:
        nonlocal now
        now += seconds
        pace.items += round(rate * seconds)
        return pace.gather_seconds(now)

    assert after(1.0, 0) == after(1.0, BRISK) == GATHER_SECONDS
    assert GATHER_SECONDS < after(1.0, (BRISK + RUSH) / 2) < GATHER_SECONDS_MAX
    assert after(1.0, RUSH) == after(1.0, 10 * RUSH) == GATHER_SECONDS_MAX
    assert after(0.01, 0) == GATHER_SECONDS_MAX, "too short to tell"
    assert after(5.0, 1) == GATHER_SECONDS
    assert GATHER_SECONDS <= 0.005


def test_who_stumbles_over_what_it_is_told_costs_nobody_else_his_answer() -> None:
    groups: list[list[int]] = []
    flushes, held, started = writer(groups, lambda items: None)

    async def run() -> list[int]:
        heard: list[int] = []
        all_told = asyncio.Event()

        def tell(item: int) -> Callable[[BaseException | None], None]:
            def told(error: BaseException | None) -> None:
                assert error is None
                if item == 1:
                    raise RuntimeError("the connection is gone")
                heard.append(item)
                if item == 3:
                    all_told.set()

            return told

        for item in range(4):
            flushes.hand_in(TENANT, item, tell(item))
        await asyncio.to_thread(started.wait, 120)
        held.set()
        async with asyncio.timeout(120):
            await all_told.wait()
        return heard

    with structlog.testing.capture_logs() as lines:
        assert asyncio.run(run()) == [0, 2, 3]
    assert [one["event"] for one in lines] == ["flush.untold"]
    flushes.close()
