"""Cursor paging, alike in every list: `?cursor=&limit=` gives `{"items": [...], "next": cursor or null}`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar, cast

from fastapi import Query
from pydantic import BaseModel

from tandem.kernel.errors import Detail, InvalidInput

T = TypeVar("T")

LIMIT_DEFAULT = 50
LIMIT_MAX = 200

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="How many rows at most")]
#: For short lists that screens want whole: their pages may be longer.
LONG_LIMIT_MAX = 1000
LongLimit = Annotated[int, Query(ge=1, le=LONG_LIMIT_MAX, description="How many rows at most")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before")]


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is null on the last."""

    items: list[T]
    next: str | None = None


def to_cursor(*keys: object) -> str:
    """The sort keys of a page's last row as opaque text."""
    text = json.dumps([None if key is None else str(key) for key in keys], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def from_cursor(cursor: str, count: int) -> list[str | None]:
    """The sort keys back from a cursor, as text; cast them in SQL. Raises InvalidInput for a cursor we did not make."""
    try:
        keys: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        keys = None
    if not isinstance(keys, list):
        raise _bad_cursor()
    texts = cast("list[Any]", keys)
    if len(texts) != count or not all(key is None or isinstance(key, str) for key in texts):
        raise _bad_cursor()
    return texts


def page_in_memory(rows: Sequence[T], cursor: str | None, limit: int, key: str) -> tuple[list[T], str | None]:
    """A page of a short, bounded list that is read whole, in the order in which it comes; `key` names its unique attribute.

    The cursor holds the last row's key; where that row is gone meanwhile the list begins anew. Raises InvalidInput for a bad cursor.
    """
    start = 0
    if cursor is not None:
        (last,) = from_cursor(cursor, 1)
        start = next((at + 1 for at, row in enumerate(rows) if str(getattr(row, key)) == last), 0)
    return page_of(rows[start : start + limit + 1], limit, key)


def _bad_cursor() -> InvalidInput:
    return InvalidInput(
        "bad_cursor",
        "翻页标记无效，请从第一页重新开始。",
        "The cursor is not valid; start again from the first page.",
        details=(Detail("cursor", "无法识别", "not recognised"),),
    )


def page_of(rows: Sequence[T], limit: int, *keys: str) -> tuple[list[T], str | None]:
    """Cut rows that were fetched with `limit + 1` to a page and name the next by the attributes in `keys` of its last row."""
    shown = list(rows[:limit])
    if len(rows) <= limit:
        return shown, None
    return shown, to_cursor(*(getattr(shown[-1], key) for key in keys))
