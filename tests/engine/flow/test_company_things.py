"""Sorts of things that a company defines: what is kept of them, who may tell of them, and what becomes of fields that go."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tandem.catalog.label import Label
from tandem.kernel.errors import InvalidInput
from tandem.stream.things import types


def test_days_and_times_are_kept_in_one_form_and_others_are_refused() -> None:
    fields = (types.ThingField("day", "日", "Day", "date"), types.ThingField("at", "时间", "At", "timestamp"))
    of = types.ThingKind("opening", Label("开店", "Opening"), fields, (), datetime.now(UTC))
    assert of.fitting({"day": "2026-W01-1", "at": None}) == {"day": "2025-12-29", "at": None}
    assert of.fitting({"day": "20260101"}) == {"day": "2026-01-01"}
    assert of.fitting({"at": "2026-01-01T08:00:00+20:00:00.5"}) == {"at": "2025-12-31T11:59:59.500000+00:00"}
    for name, value in (("day", "9999-12-31"), ("day", "0001-01-01"), ("at", "9999-12-31T23:00:00-05:00")):
        with pytest.raises(InvalidInput) as refused:
            of.fitting({name: value})
        assert [one.where for one in refused.value.details] == [f"fields.{name}"]
