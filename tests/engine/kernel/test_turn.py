"""Do leases share the buckets fairly, and do the locks hold where the leases do not?"""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import psycopg
import pytest

from harness.database import Database
from tandem.kernel import turn
from tandem.kernel.turn import all_leased, in_buckets, lock_leased, release_leases

#: However slow the machine is, no lease runs out between two lines of a test.
lease = partial(turn.lease, seconds=3600)


def test_a_second_worker_gets_half_of_the_buckets(database: Database) -> None:
    first, second = uuid4(), uuid4()
    with database.connect("worker") as one, database.connect("worker") as two:
        assert len(lease(one, first)) == 256
        assert lease(two, second) == []
        assert len(lease(one, first)) == 128
        assert len(lease(two, second)) == 128
        assert not set(lease(one, first)) & set(lease(two, second))


def test_buckets_of_a_worker_that_left_are_taken_at_once(database: Database) -> None:
    first, second = uuid4(), uuid4()
    with database.connect("worker") as one, database.connect("worker") as two:
        lease(one, first)
        release_leases(one, first)
        assert len(lease(two, second)) == 256


def test_a_bucket_that_a_request_holds_at_a_renewal_stays_held(database: Database) -> None:
    worker = uuid4()
    with database.connect("worker") as one, database.connect("web") as request:
        lease(one, worker)
        assert in_buckets(request, [3]) == [3]
        assert 3 in lease(one, worker)
        request.rollback()
        assert lock_leased(one, worker, [3]) == [3]


def test_who_takes_a_share_locks_no_more_than_it(database: Database) -> None:
    """Two that lock all free buckets at once would each leave the other without any until the next renewal."""
    first, second, third = uuid4(), uuid4(), uuid4()
    with database.connect("worker") as one, database.connect("worker") as two, database.connect("worker") as between:
        lease(one, first)
        lease(two, second)
        release_leases(one, first)
        with between.transaction():
            # What another renewal of the same moment has locked.
            between.execute("select from bucket_lease where bucket < 100 for no key update")
            lease(one, third)
            assert len(lease(two, second)) == 28
            assert not all_leased(two)
        assert len(lease(two, second)) == 128
        assert all_leased(two)


def test_an_expired_lease_is_taken_but_its_held_lock_still_bars(database: Database) -> None:
    paused, other = uuid4(), uuid4()
    with database.connect("worker") as one, database.connect("worker") as two:
        lease(one, paused, seconds=-1)
        assert len(lock_leased(one, paused, range(10))) == 10
        held = lease(two, other)
        assert len(held) == 256 - 10
        two.commit()
        one.commit()
        assert len(lease(two, other)) == 256
        assert lock_leased(one, paused, range(10)) == []


def test_a_request_waits_for_the_worker_that_holds_the_bucket(database: Database) -> None:
    worker = uuid4()
    with database.connect("worker") as one, database.connect("web") as request:
        lease(one, worker)
        assert lock_leased(one, worker, [3]) == [3]
        request.execute("set lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            in_buckets(request, [3])
        request.rollback()
        one.commit()
        assert in_buckets(request, [7, 3, 7]) == [3, 7]
        assert lock_leased(one, worker, [3, 4, 7]) == [4]
