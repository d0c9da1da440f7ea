"""Lending divides a stock without making or losing a piece, and never says "short" while the pool holds one."""

from hypothesis import given
from hypothesis import strategies as st

from tandem.domains.marketing.quota import lend

wants = st.dictionaries(st.integers(0, 255), st.integers(1, 5_000), max_size=40)


@given(st.integers(0, 100_000), wants)
def test_lots_and_pool_always_add_up(pool: int, wanted: dict[int, int]) -> None:
    lending = lend(pool, wanted)
    assert sum(lending.lots.values()) + lending.pool == pool
    assert lending.pool >= 0
    assert all(lot > 0 for lot in lending.lots.values())
    assert set(lending.lots) <= set(wanted)


@given(st.integers(0, 100_000), wants)
def test_short_only_when_the_pool_is_spent(pool: int, wanted: dict[int, int]) -> None:
    lending = lend(pool, wanted)
    assert lending.short == max(0, sum(wanted.values()) - pool)
    if lending.short:
        assert lending.pool == 0
        assert all(lending.lots.get(bucket, 0) <= want for bucket, want in wanted.items())
    else:
        assert all(lending.lots[bucket] >= want for bucket, want in wanted.items())


@given(st.integers(1, 100), st.sets(st.integers(0, 255), min_size=1, max_size=60))
def test_near_the_end_lots_shrink_to_single_pieces(pool: int, buckets: set[int]) -> None:
    lending = lend(pool, dict.fromkeys(buckets, 1))
    assert all(lot == 1 for lot in lending.lots.values())
