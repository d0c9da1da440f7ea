"""Does a job go on to the other tenants when one fails, and come back to that one, later each time?"""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from tandem.kernel.errors import Unavailable
from tandem.kernel.rounds import PAUSE_FIRST_SECONDS, PAUSE_MAX_SECONDS, Rounds


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_others_go_on_and_the_log_names_the_tenant() -> None:
    bad, good = uuid4(), uuid4()

    def work(tenant: UUID) -> int:
        if tenant == bad:
            message = "poison"
            raise ValueError(message)
        return 3

    with capture_logs() as logs:
        assert Rounds("sending", _Clock()).each([bad, good], work) == 3
    assert [(one["event"], one["job"], one["tenant"]) for one in logs] == [("job_failed", "sending", str(bad))]


def test_who_fails_again_waits_longer_and_who_is_well_again_does_not() -> None:
    clock, tenant, well = _Clock(), uuid4(), False
    rounds = Rounds("sending", clock)
    calls: list[float] = []

    def work(_: UUID) -> int:
        calls.append(clock.now)
        if not well:
            raise KeyError
        return 1

    with capture_logs():
        rounds.each([tenant], work)
        rounds.each([tenant], work)
        assert len(calls) == 1
        for _ in range(20):
            clock.now += PAUSE_MAX_SECONDS
            rounds.each([tenant], work)
    assert len(calls) == 21
    clock.now += PAUSE_MAX_SECONDS / 2
    assert rounds.each([tenant], work) == 0
    well = True
    clock.now += PAUSE_MAX_SECONDS / 2
    assert rounds.each([tenant], work) == 1
    well = False
    with capture_logs() as logs:
        rounds.each([tenant], work)
    assert logs[0]["pause_seconds"] == PAUSE_FIRST_SECONDS


def test_a_database_that_does_not_answer_is_no_tenants_fault() -> None:
    def work(_: UUID) -> int:
        raise Unavailable("database_unavailable", "没有响应。", "No answer.")

    rounds = Rounds("sending", _Clock())
    for _ in range(2):
        with pytest.raises(Unavailable):
            rounds.each([uuid4()], work)
