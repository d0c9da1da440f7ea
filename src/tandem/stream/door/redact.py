"""A quarantined record's text for somebody who may not see every class of data: its shape stays, what may name a person goes."""

from __future__ import annotations

import json
from typing import Any, Final, cast

from tandem.access.privacy import may_see
from tandem.stream.fields import CLASSES

HIDDEN: Final = "•••"
PLAIN: Final = frozenset(
    {
        "kind", "scope", "source", "status", "order_id", "refund_id", "placed_at", "paid_at", "modified_at", "at", "time", "created_at",
        "updated_at", "total", "currency", "amount", "discount", "quantity", "line_no", "product_id", "sku", "store", "channel", "city", "gender",
        "stage", "level", "type", "mode", "points", "coupon", "template", "page", "next",
    }
)  # fmt: skip
"""Names under which records of every source keep what is nobody's own. A name that is not among them may hold anything."""
_SENSITIVE: Final = frozenset(name for name, privacy in CLASSES.items() if privacy == "sensitive")


def redacted(text: str) -> tuple[str, bool]:
    """The text as far as the caller may see it, and whether something was closed. What is no JSON is closed whole."""
    if may_see("personal") and may_see("sensitive"):
        return text, False
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return (text, False) if may_see("personal") else (HIDDEN, True)
    shown = closed(found)
    return (text, False) if shown == found else (json.dumps(shown, ensure_ascii=False), True)


def closed(value: Any) -> Any:
    """A JSON value as far as the caller may see it."""
    if may_see("personal") and may_see("sensitive"):
        return value
    return _closed(value, "", personal=not may_see("personal"), inside=False)


def _closed(value: Any, name: str, *, personal: bool, inside: bool) -> Any:
    inside = inside or name in _SENSITIVE
    if isinstance(value, dict):
        told = cast("dict[str, Any]", value)
        return {key: _closed(one, key, personal=personal, inside=inside) for key, one in told.items()}
    if isinstance(value, list):
        return [_closed(one, name, personal=personal, inside=inside) for one in cast("list[Any]", value)]
    if value is None or isinstance(value, bool) or value == "":
        return value
    return HIDDEN if inside or (personal and name not in PLAIN) else value
