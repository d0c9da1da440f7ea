"""Calendar arithmetic in a tenant's zone, equal to the letter to what PostgreSQL computes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from tandem.catalog.exact import floor


@dataclass(frozen=True)
class Moment:
    """The time an expression is evaluated at (business time, aware) and the tenant's zone."""

    now: datetime
    zone: ZoneInfo

    @cached_property
    def today(self) -> date:
        return self.local_date(self.now)

    def local_date(self, value: datetime | date) -> date:
        return value.astimezone(self.zone).date() if isinstance(value, datetime) else value

    def local_hour(self, value: datetime) -> int:
        return value.astimezone(self.zone).hour

    def midnight(self, day: date) -> datetime:
        """Return the first moment of a day. PostgreSQL reads an ambiguous time as the later, a skipped one as shifted."""
        early = datetime.combine(day, time(), self.zone)
        late = early.replace(fold=1)
        # Two moments bear an ambiguous local time; the one before the change comes first in UTC, so the later wins. A skipped time
        # has two readings as well: the offset before the change gives the later one.
        return max(early.astimezone(UTC), late.astimezone(UTC))

    def day_begins(self, day: date) -> datetime:
        """Return when a local date begins: an hour before `midnight` where clocks are set back at midnight."""
        found = self.midnight(day)
        earlier = found - timedelta(hours=1)
        return earlier if self.local_date(earlier) == day else found

    def next_hour(self, value: datetime) -> datetime:
        """Return the next full hour of the tenant's clock."""
        local = value.astimezone(self.zone)
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return (value - past + timedelta(hours=1)).astimezone(UTC)

    def next_day(self) -> datetime:
        return self.day_begins(self.today + timedelta(days=1))


def days_between(first: date, second: date) -> Decimal:
    return Decimal((second - first).days)


def age_years(born: date, today: date) -> Decimal:
    """Return full years; who is born on 29 February has her birthday on 1 March in a common year."""
    before = (today.month, today.day) < (born.month, born.day)
    return Decimal(today.year - born.year - int(before))


def age_months(born: date, today: date) -> Decimal:
    return Decimal((today.year - born.year) * 12 + today.month - born.month - int(today.day < born.day))


def age_weeks(born: date, today: date) -> Decimal:
    return floor(Decimal((today - born).days) / 7)


def add_months(day: date, months: Decimal) -> date:
    """Return the same day some months on, the month's last where it has no such day."""
    index = day.year * 12 + day.month - 1 + int(months)
    year, month = divmod(index, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - timedelta(days=1))


def birthday_after(born: date, months: Decimal) -> date:
    """Return the day on which someone is that many months old: as `add_months`, but overflowing into the next month."""
    index = born.year * 12 + born.month - 1 + int(months)
    year, month = divmod(index, 12)
    return date(year, month + 1, 1) + timedelta(days=born.day - 1)
