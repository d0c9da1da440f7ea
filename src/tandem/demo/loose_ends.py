"""What a running shop never lacks: pairs about whom only a person can say whether they are one, and records nobody could read.

Without them the screens for both would be empty in the demo, and nobody could try them. Their customers are the demo's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from tandem.demo.records import Record, member_no, phone
from tandem.demo.year import Year

DOUBTFUL_PAIRS: Final = 2


def doubtful(year: Year, at: datetime) -> list[Record]:
    """Purchases at which one household's phone number was given with another's member card: lent, or one family that registered twice."""
    known = [one for one in sorted(year.households) if phone(one) is not None][: 2 * DOUBTFUL_PAIRS]
    pairs = zip(known[::2], known[1::2], strict=False)
    return [_both(number, first, second, at) for number, (first, second) in enumerate(pairs)]


def _both(number: int, first: int, second: int, at: datetime) -> Record:
    payload = {
        "identifiers": [
            {"kind": "phone", "value": phone(first)},
            {"kind": "member_no", "value": member_no(second)},
        ],
    }
    when = at - timedelta(days=number + 1)
    return {
        "source": "crm",
        "external_id": f"loose:{number}",
        "kind": "customer",
        "time": when.isoformat(),
        "mode": "backfill",
        "payload": payload,
    }


def unreadable(at: datetime) -> Iterable[Record]:
    """Two records a till might send after an update that nobody told us of."""
    told = (at - timedelta(hours=2)).isoformat()
    yield {
        "source": "pos",
        "external_id": "loose:receipt",
        "kind": "order",
        "time": told,
        "mode": "backfill",
        "payload": {
            "order_id": "R-20991",
            "identifiers": [{"kind": "phone", "value": "13712340099"}],
            "status": "已付款",
            "placed_at": told,
            "paid_at": told,
            "total": "一百二十八",
            "lines": [],
        },
    }
    yield {
        "source": "crm",
        "external_id": "loose:birthday",
        "kind": "customer",
        "time": told,
        "mode": "backfill",
        "payload": {
            "identifiers": [{"kind": "phone", "value": "13712340098"}],
            "name": "周晓芸",
            "birthday": "1990-13-45",
            "city": "苏州",
        },
    }
