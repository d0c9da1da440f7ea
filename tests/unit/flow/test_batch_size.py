"""Do turns stay short while live work keeps coming, and grow again when it stops?"""

from types import SimpleNamespace
from typing import Any, cast

from tandem.flow.runs import Lane
from tandem.flow.runtime import (
    BATCH_BRISK_MIN,
    BATCH_FIRST,
    BATCH_HEAVY_MIN,
    BATCH_MAX,
    BATCH_MIN,
    BRISK_FOR_SECONDS,
    BRISK_SECONDS,
    LONG_SECONDS,
    RATE_HALVES_SECONDS,
    BatchSize,
    Engine,
    Worked,
)
from tandem.kernel.ids import new_id


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def engine(clock: Clock, monkeypatch: Any, worked: dict[Lane, int]) -> Engine:
    """An engine whose turns do what is asked of them and nothing else."""
    system = cast("Any", SimpleNamespace(catalog=None, kinds=None))
    made = Engine(system, new_id(), clock=clock)

    def serve(_turn: object, lane: Lane, done: Worked, *_: object) -> None:
        done.events = worked.get(lane, 0)

    monkeypatch.setattr(Engine, "serve", lambda _self, *given: serve(*given))
    monkeypatch.setattr(Engine, "_locked", lambda *_: SimpleNamespace(aged=[]))
    return made


class Nothing:
    """A connection that only opens and ends transactions."""

    def transaction(self) -> "Nothing":
        return self

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def test_other_lanes_are_brisk_while_live_work_keeps_coming(monkeypatch: Any) -> None:
    clock = Clock()
    worked = {Lane.LIVE: 3}
    made = engine(clock, monkeypatch, worked)
    connection = cast("Any", Nothing())
    assert made.size(Lane.BULK) == BATCH_FIRST
    made.turn(connection, new_id(), [1], Lane.LIVE)
    assert made.size(Lane.BULK) == made.sizes[Lane.BULK].brisk < BATCH_FIRST
    assert made.size(Lane.NORMAL) < BATCH_FIRST
    assert made.size(Lane.LIVE) == BATCH_FIRST
    clock.now += BRISK_FOR_SECONDS
    assert made.size(Lane.BULK) == BATCH_FIRST


def test_a_live_turn_that_found_nothing_hurries_nobody(monkeypatch: Any) -> None:
    made = engine(Clock(), monkeypatch, {})
    made.turn(cast("Any", Nothing()), new_id(), [1], Lane.LIVE)
    assert made.size(Lane.BULK) == BATCH_FIRST


def test_brisk_turns_do_not_teach_the_full_size() -> None:
    size = BatchSize()
    for _ in range(20):
        size.learn(size.size, size.size / 1_000_000)
    assert size.size == BATCH_MAX
    size.learn(size.brisk, 10.0)
    assert size.size == BATCH_MAX
    assert BatchSize(size=1).brisk == BATCH_BRISK_MIN


def test_the_best_speed_fades_by_time() -> None:
    """A hundred slow turns within a second are a busy machine; slow ones for minutes are slow work."""
    size = BatchSize()
    for turn in range(100):
        size.learn(size.size, size.size / 40_000, turn / 100)
    fast = size.size
    for turn in range(100):
        size.learn(size.size, size.size / 8_000, 1 + turn / 100)
    assert size.size > fast * 0.9
    for turn in range(100):
        size.learn(size.size, size.size / 8_000, 2 + turn * RATE_HALVES_SECONDS)
    assert size.size == BATCH_MIN


def test_heavy_work_is_taken_in_pieces_that_others_can_wait_for() -> None:
    """A millisecond and a half for each: 400 of them would keep what is live waiting for six tenths of a second."""
    size = BatchSize()
    for turn in range(30):
        size.learn(size.size, size.size * 0.0015, turn * RATE_HALVES_SECONDS)
    assert BATCH_HEAVY_MIN <= size.size <= BATCH_HEAVY_MIN + 1
    for turn in range(30):
        size.learn(size.size, size.size * 0.0004, 1000 + turn * RATE_HALVES_SECONDS)
    assert size.size == int(LONG_SECONDS / 0.0004)
    for turn in range(5):
        size.learn(size.size, size.size / 100_000, 2000 + turn)
    assert size.size == 2500


def test_behind_heavy_work_an_event_waits_no_longer_than_behind_light() -> None:
    """The floor under a batch is for who begins and ends turns, not for who waits behind one."""
    for each, most in ((0.0015, BATCH_BRISK_MIN), (0.0004, 25), (0.00002, 500)):
        size = BatchSize()
        for turn in range(30):
            size.learn(size.size, size.size * each, turn * RATE_HALVES_SECONDS)
        assert size.brisk <= most
        assert size.brisk * each <= BRISK_SECONDS * 2.5


def test_each_step_takes_as_much_as_its_own_speed_allows(monkeypatch: Any) -> None:
    """A slow one beside live work learns from its short turns, too, and the others are not held to its pace."""
    clock = Clock()
    asked: dict[str, list[int]] = {"slow": [], "quick": []}

    def step(name: str, each: float) -> Any:
        def run(_turn: object, limit: int) -> int:
            asked[name].append(limit)
            clock.now += limit * each
            return limit

        return SimpleNamespace(name=name, live=True, run=run)

    made = engine(clock, monkeypatch, {Lane.LIVE: 1})
    made.system = cast("Any", SimpleNamespace(steps=(step("slow", 0.001), step("quick", 0.00001))))
    both = frozenset({"slow", "quick"})
    for _ in range(8):
        made.turn(cast("Any", Nothing()), new_id(), [1], Lane.LIVE)
        made.serve_steps(cast("Any", None), Worked(), live_only=False, only=both)
    assert asked["slow"][-1] == BATCH_BRISK_MIN
    assert asked["quick"][-1] > 500
    made.serve_steps(cast("Any", None), Worked(), live_only=False, only=frozenset({"quick"}))
    assert (len(asked["slow"]), len(asked["quick"])) == (8, 9)
