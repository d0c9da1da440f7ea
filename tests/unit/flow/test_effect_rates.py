"""Effects a minute are those since the last look, so that a burst late in the hour does not hide in its mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tandem.flow.alerts.watch import since_last

NOW = datetime(2026, 7, 1, 10, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "before", "n", "rate"),
    [
        (30, 1000, 1600, 1200.0),
        (60, 1000, 1600, 600.0),
        (5, 1000, 1600, 0.0),
        (3600, 0, 1600, 0.0),
        (30, 1600, 10, 0.0),
    ],
)
def test_the_rate_since_the_last_look(ago: float, before: int, n: int, rate: float) -> None:
    assert since_last((NOW - timedelta(seconds=ago), before), NOW, n) == rate


def test_a_first_look_has_no_rate() -> None:
    assert since_last(None, NOW, 1000) == 0.0
