"""Page marks of identity's lists: ids of the last row."""

from __future__ import annotations

from uuid import UUID

from tandem.access.paging import from_cursor
from tandem.kernel.errors import InvalidInput


def ids_of(cursor: str | None, count: int) -> list[UUID]:
    """The ids in a cursor; none on the first page. Raises InvalidInput for a cursor we did not make."""
    texts = [] if cursor is None else from_cursor(cursor, count)
    try:
        return [UUID(text or "") for text in texts]
    except ValueError as error:
        raise InvalidInput(
            "bad_cursor", "翻页标记无效，请从第一页重新开始。", "The cursor is not valid; start again."
        ) from error
