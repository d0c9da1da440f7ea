"""However messages come, no rolling window ever holds more marketing messages than its cap, and none goes out at night."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tandem.domains.messaging.policy import WINDOWS, Limits, free_at, quiet_until, rule

START = datetime(2026, 3, 1, tzinfo=UTC)
ZONE = "Asia/Shanghai"
caps = st.none() | st.integers(1, 4)
limits = st.builds(Limits, per_day=caps, per_week=caps, per_month=caps)
minutes = st.lists(st.integers(0, 40 * 24 * 60), max_size=30).map(sorted)


@given(limits, minutes)
def test_no_window_overflows(given_limits: Limits, wishes: list[int]) -> None:
    sent: list[datetime] = []
    for minute in wishes:
        now = START + timedelta(minutes=minute)
        if free_at(now, given_limits, sorted(sent, reverse=True)) is None:
            sent.append(now)
    for name, window in WINDOWS:
        cap = getattr(given_limits, name)
        if cap is not None:
            for moment in sent:
                assert sum(moment - window < other <= moment for other in sent) <= cap


@given(limits, st.lists(st.integers(0, 40 * 24 * 60), max_size=12), st.integers(0, 40 * 24 * 60))
def test_a_held_message_is_free_at_the_moment_stated(given_limits: Limits, past: list[int], minute: int) -> None:
    now = START + timedelta(minutes=minute)
    booked = sorted((START + timedelta(minutes=one) for one in past if one <= minute), reverse=True)
    until = free_at(now, given_limits, booked)
    if until is not None:
        assert until > now
        assert free_at(until, given_limits, booked) is None


@given(limits, st.lists(st.integers(0, 2000), max_size=6), st.integers(1, 6))
def test_a_batch_counts_itself(given_limits: Limits, past: list[int], size: int) -> None:
    now = START + timedelta(minutes=2000)
    booked = sorted((START + timedelta(minutes=one) for one in past), reverse=True)
    together = [free_at(now, given_limits, booked, ahead) is None for ahead in range(size)]
    one_by_one: list[bool] = []
    for _ in range(size):
        free = free_at(now, given_limits, booked) is None
        one_by_one.append(free)
        if free:
            booked = [now, *booked]
    assert together == one_by_one


@given(st.times(), st.times(), st.integers(0, 3 * 24 * 60))
def test_quiet_hours_end_within_a_day_and_then_it_is_not_quiet(start: time, end: time, minute: int) -> None:
    hours = Limits(quiet_from=start, quiet_until=end)
    now = START + timedelta(minutes=minute)
    until = quiet_until(now, hours, ZONE)
    if until is not None:
        assert now < until <= now + timedelta(days=1)
        assert quiet_until(until, hours, ZONE) is None


@given(limits, st.sampled_from(["hold", "skip"]))
def test_transactional_messages_pass(given_limits: Limits, when_capped: str) -> None:
    verdict = rule(
        now=START,
        zone=ZONE,
        limits=given_limits,
        message_class="transactional",
        when_capped=when_capped,
        refusal=None,
        booked=[START] * 10,
    )
    assert verdict.ruling == "send"
