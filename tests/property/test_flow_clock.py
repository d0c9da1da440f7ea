"""Can any mixture of timers and events make the demo clock go back, overshoot, or pass a timer before the events that come first?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tandem.flow.clock_steps import NEAR, next_step

START = datetime(2026, 11, 22, tzinfo=UTC)
moments = st.integers(1, 500_000).map(lambda seconds: START + timedelta(seconds=seconds))
strides = st.integers(60, 3600).map(lambda seconds: timedelta(seconds=seconds))


@given(moments, st.none() | moments, st.none() | moments, strides)
def test_a_step_goes_forward_and_keeps_the_order(
    target: datetime, timer: datetime | None, event: datetime | None, stride: timedelta
) -> None:
    moment = next_step(START, target, timer, event, stride)
    assert START < moment <= target
    if timer is not None and moment > timer:
        # Whatever lies behind the timer within the step is another timer, never an event.
        assert moment <= timer + NEAR
        assert event is None or event <= timer or moment < event
    if event is not None and (timer is None or event <= timer):
        assert moment <= event + stride


@given(st.lists(moments, min_size=1, max_size=30), st.lists(moments, max_size=30), strides)
def test_every_walk_arrives(timers: list[datetime], events: list[datetime], stride: timedelta) -> None:
    target = START + timedelta(days=7)
    now, steps = START, 0
    while now < target:
        ahead = min((one for one in timers if one > now), default=None)
        coming = min((one for one in events if one > now), default=None)
        now = next_step(now, target, ahead, coming, stride)
        steps += 1
        assert steps <= 2 * (len(timers) + len(events)) + 1
    assert now == target
