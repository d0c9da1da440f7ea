"""Durable jobs: one worker at a time, fair, cancellable, taken over after a death."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from harness.house import House
from tandem.kernel.errors import Conflict, Unavailable
from tandem.kernel.jobs import ATTEMPTS_MAX, JobRun, cancel_job, file_job, get_job, run_next, runner


def _file(house: House, tenant: UUID, kind: str, **payload: Any) -> UUID:
    with house.db.tx("web", tenant=tenant) as tx:
        return file_job(tx, kind, payload)


def _state(house: House, job_id: UUID) -> str:
    with house.db.tx("web", tenant=house.a.id) as tx:
        return get_job(tx, job_id).state


def _expire(house: House, job_id: UUID) -> None:
    with house.database.connect() as connection:
        connection.execute("update job set leased_until = now() - interval '1 second' where id = %s", (job_id,))


def test_a_job_runs_once_and_keeps_its_result(house: House) -> None:
    job_id = _file(house, house.a.id, "double", n=21)
    handlers = {"double": lambda run: {"n": run.payload["n"] * 2}}
    assert run_next(house.db, handlers)
    assert not run_next(house.db, handlers)
    with house.db.tx("web", tenant=house.a.id) as tx:
        job = get_job(tx, job_id)
    assert (job.state, job.result, job.finished_at is not None) == ("done", {"n": 42}, True)


def test_a_job_filed_in_a_transaction_that_fails_never_was(house: House) -> None:
    def file_and_fail() -> None:
        with house.db.tx("web", tenant=house.a.id) as tx:
            file_job(tx, "ghost", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        file_and_fail()
    assert not run_next(house.db, {"ghost": lambda run: None})


def test_a_failure_keeps_its_words_and_a_defect_only_its_id(house: House) -> None:
    def refuse(run: JobRun) -> Mapping[str, Any] | None:
        raise Conflict("not_now", "现在不行。", "Not now.")

    def break_down(run: JobRun) -> Mapping[str, Any] | None:
        raise ZeroDivisionError("secret detail")

    refused = _file(house, house.a.id, "refuse")
    broken = _file(house, house.a.id, "break")
    assert run_next(house.db, {"refuse": refuse})
    assert run_next(house.db, {"break": break_down})
    with house.db.tx("web", tenant=house.a.id) as tx:
        assert get_job(tx, refused).error == {"code": "not_now", "zh": "现在不行。", "en": "Not now."}
        error = get_job(tx, broken).error
    assert error is not None
    assert error["code"] == "internal"
    assert str(broken) in error["zh"]
    assert "secret" not in str(error)


def test_progress_shows_and_a_cancelled_job_stops_at_its_next_report(house: House) -> None:
    job_id = _file(house, house.a.id, "long")
    seen: list[int] = []

    def work(run: JobRun) -> Mapping[str, Any] | None:
        for done in range(1, 10):
            with run.tx() as tx:
                run.report(tx, done, total=10)
            seen.append(done)
            if done == 3:
                with house.db.tx("web", tenant=house.a.id) as tx:
                    assert get_job(tx, job_id).done == 3
                    cancel_job(tx, job_id)
        return None

    assert run_next(house.db, {"long": work})
    assert seen == [1, 2, 3]
    assert _state(house, job_id) == "cancelled"


def test_a_dead_workers_job_goes_on_from_its_checkpoint_and_the_ghost_cannot_write(house: House) -> None:
    job_id = _file(house, house.a.id, "count")
    ghosts: list[JobRun] = []

    def die(run: JobRun) -> Mapping[str, Any] | None:
        with run.tx() as tx:
            run.report(tx, 5, checkpoint={"at": 5})
        ghosts.append(run)
        raise Unavailable("database_unavailable", "断", "gone")

    started: list[dict[str, Any]] = []

    def finish(run: JobRun) -> Mapping[str, Any] | None:
        started.append(run.checkpoint)
        with pytest.raises(Exception) as stopped, ghosts[0].tx() as tx:
            ghosts[0].report(tx, 6)
        assert type(stopped.value).__name__ == "JobStopped"
        return {"done": True}

    assert run_next(house.db, {"count": die})
    assert not run_next(house.db, {"count": finish}), "its lease still runs"
    _expire(house, job_id)
    assert run_next(house.db, {"count": finish})
    assert started == [{"at": 5}]
    assert _state(house, job_id) == "done"


def test_a_slow_handler_keeps_its_lease(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tandem.kernel.jobs.LEASE", timedelta(milliseconds=60))
    job_id = _file(house, house.a.id, "slow")

    def wait_for_renewal(run: JobRun) -> Mapping[str, Any] | None:
        with house.database.connect(autocommit=True) as owner:
            seen = "select leased_until from job where id = %s"
            first = owner.execute(seen, (job_id,)).fetchone()
            while owner.execute(seen, (job_id,)).fetchone() == first:
                pass
        return {"renewed": True}

    assert run_next(house.db, {"slow": wait_for_renewal})
    with house.db.tx("web", tenant=house.a.id) as tx:
        assert get_job(tx, job_id).result == {"renewed": True}


def test_a_job_that_kills_every_worker_is_given_up(house: House) -> None:
    job_id = _file(house, house.a.id, "deadly")

    def die(run: JobRun) -> Mapping[str, Any] | None:
        raise Unavailable("database_unavailable", "断", "gone")

    for _ in range(ATTEMPTS_MAX):
        assert run_next(house.db, {"deadly": die})
        _expire(house, job_id)
    assert not run_next(house.db, {"deadly": die})
    assert _state(house, job_id) == "failed"


def test_tenants_take_turns(house: House) -> None:
    for _ in range(3):
        _file(house, house.a.id, "fair")
    late = _file(house, house.b.id, "fair")
    order: list[UUID] = []

    def nested(run: JobRun) -> Mapping[str, Any] | None:
        order.append(run.tenant_id)
        if len(order) < 2:
            run_next(house.db, {"fair": nested})
        return None

    assert run_next(house.db, {"fair": nested})
    assert order == [house.a.id, house.b.id]
    with house.db.tx("web", tenant=house.b.id) as tx:
        assert get_job(tx, late).state == "done"


def test_the_periodic_runner_rests_when_there_is_nothing(house: House) -> None:
    run = runner({"rare": lambda run: None}, idle_seconds=2.5)
    assert run(house.db) == 2.5
    _file(house, house.a.id, "rare")
    assert run(house.db) == 0.0
