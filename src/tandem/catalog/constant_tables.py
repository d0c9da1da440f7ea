"""Tables that functions look things up in, as values to bind: `{@name}` in a function's SQL stands for one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import Final

from tandem.catalog import divisions, text_forms
from tandem.catalog.chinese_calendar import DAY_NAMES, EPOCH, lunar_months, working_days


def _array(items: Iterable[object]) -> str:
    """Write an array as PostgreSQL reads it: text is bound much faster than a list of two thousand dates."""
    return "{" + ",".join("null" if item is None else str(item) for item in items) + "}"


# name -> (type in SQL, value)
_TABLES: Final[dict[str, tuple[str, Callable[[], object]]]] = {
    "epoch": ("date", lambda: EPOCH),
    "days_off": ("date[]", lambda: _array(working_days().off)),
    "days_worked": ("date[]", lambda: _array(working_days().worked)),
    "holidays": ("date[]", lambda: _array(working_days().holidays)),
    "holiday_names": ("text[]", lambda: _array(working_days().names)),
    "lunar_starts": ("date[]", lambda: _array(lunar_months().starts)),
    "lunar_numbers": ("smallint[]", lambda: _array(lunar_months().numbers)),
    "lunar_leap": ("boolean[]", lambda: _array(lunar_months().leap)),
    "lunar_names": ("text[]", lambda: _array(lunar_months().names)),
    "lunar_day_names": ("text[]", lambda: _array(DAY_NAMES)),
    "lunar_new_years": ("date[]", lambda: _array(lunar_months().new_years)),
    "lunar_regular": ("date[]", lambda: _array(lunar_months().regular)),
    "lunar_lengths": ("smallint[]", lambda: _array(lunar_months().lengths)),
    "full_width": ("text", lambda: text_forms.FULL_WIDTH),
    "half_width": ("text", lambda: text_forms.HALF_WIDTH),
    "spaces": ("text", lambda: text_forms.SPACES),
    "pinyin_characters": ("text", lambda: text_forms.pinyin_initials()[0]),
    "pinyin_letters": ("text", lambda: text_forms.pinyin_initials()[1]),
    "province_end": ("text", lambda: divisions.PROVINCE_END),
    "city_end": ("text", lambda: divisions.CITY_END),
}
TABLE_NAMES: Final = frozenset(_TABLES)


@cache
def constant_table(name: str) -> tuple[object, str]:
    """Return a table's value and its type in SQL."""
    sql_type, value = _TABLES[name]
    value_ = value()
    assert value_ is None or isinstance(value_, str | date)  # noqa: S101 (the driver binds these as they are)
    return value_, sql_type
