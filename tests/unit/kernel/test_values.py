"""Do ids, money and seals keep their promises for every input?"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.kernel.crypto import MasterKey
from tandem.kernel.errors import Misconfigured
from tandem.kernel.ids import BUCKETS, bucket_of, derived_id, new_id
from tandem.kernel.money import allocate, minor_unit, round_amount

CURRENCIES = st.sampled_from(["CNY", "JPY", "KWD"])


def test_new_ids_are_version_7_and_sort_by_creation() -> None:
    ids = [new_id() for _ in range(1000)]
    assert {one.version for one in ids} == {7}
    assert [one.hex[:12] for one in ids] == sorted(one.hex[:12] for one in ids)


def test_buckets_of_new_ids_are_spread() -> None:
    counts = [0] * BUCKETS
    for _ in range(BUCKETS * 100):
        counts[bucket_of(new_id())] += 1
    assert min(counts) > 40
    assert max(counts) < 200


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_derived_ids_are_equal_exactly_when_their_parts_are(one: list[str], other: list[str]) -> None:
    plain = [[part for part in parts if "\x1f" not in part] for parts in (one, other)]
    assert (derived_id(*plain[0]) == derived_id(*plain[1])) == ("\x1f".join(plain[0]) == "\x1f".join(plain[1]))
    assert derived_id(*one).version == 8


@given(
    st.integers(min_value=-(10**12), max_value=10**12),
    st.lists(st.decimals(min_value=0, max_value=100, places=4), min_size=1, max_size=9).filter(any),
    CURRENCIES,
)
def test_shares_add_up_and_are_fair_to_a_unit(units: int, weights: list[Decimal], currency: str) -> None:
    unit = minor_unit(currency)
    shares = allocate(units * unit, weights, currency)
    assert sum(shares) == units * unit
    total = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - units * unit * weight / total) < unit


def test_shares_refuse_what_cannot_be_divided() -> None:
    for amount, weights in (
        (Decimal("0.001"), [Decimal(1)]),
        (Decimal(1), [Decimal(0)]),
        (Decimal(1), [Decimal(-1), Decimal(3)]),
    ):
        with pytest.raises(ValueError, match="weights"):
            allocate(amount, weights, "CNY")


@pytest.mark.parametrize(("amount", "rounded"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68")])
def test_amounts_round_half_away_from_zero(amount: str, rounded: str) -> None:
    assert round_amount(Decimal(amount), "CNY") == Decimal(rounded)


@given(st.text())
def test_a_seal_opens_only_with_its_own_key(text: str) -> None:
    keys = MasterKey(b"m" * 32).tenant_keys(MasterKey(b"m" * 32).new_tenant_key())
    (key, wrapped), (other, _) = keys.new_data_key(), keys.new_data_key()
    sealed = keys.seal(key, text)
    assert keys.open(keys.unwrap(wrapped), sealed) == text
    twice = keys.seal_all(key, [text.encode(), text.encode()])
    assert [keys.open(key, one) for one in twice] == [text, text]
    assert twice[0] != twice[1]
    with pytest.raises(Misconfigured):
        keys.open(other, sealed)


def test_blind_hashes_differ_by_kind_scope_value_and_tenant() -> None:
    master = MasterKey(b"m" * 32)
    one, two = (master.tenant_keys(master.new_tenant_key()) for _ in range(2))
    hashes = {
        one.blind("phone", "", "+8613800000001"),
        one.blind("email", "", "+8613800000001"),
        one.blind("phone", "x", "+8613800000001"),
        one.blind("phone", "", "+8613800000002"),
        two.blind("phone", "", "+8613800000001"),
    }
    assert len(hashes) == 5
    assert all(len(one) == 16 for one in hashes)


def test_uuid_text_of_a_bucket_is_its_last_byte() -> None:
    assert bucket_of(UUID("00000000-0000-7000-8000-0000000000ff")) == 255
