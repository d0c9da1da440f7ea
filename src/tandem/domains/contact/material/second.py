"""The second pair of eyes: nobody approves what she wrote, nor what she has not read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Forbidden

DRAFTED = """
drafted_by = case when %(user)s::uuid is null or %(user)s = any(drafted_by) then drafted_by else drafted_by || %(user)s::uuid end
"""
"""Set with every change: who wrote since the last approval, which empties it."""


def refuse_own(tx: Tx, drafted_by: Sequence[UUID], updated_at: datetime, seen: datetime | None) -> None:
    """Whether the transaction's person may approve something as it stands; `seen`: the moment of the change that she read.

    Raises Forbidden for what she wrote herself, Conflict where it was changed after she read it.
    """
    if tx.user_id is not None and tx.user_id in drafted_by:
        raise Forbidden("own_work", "自己写的内容需要另一位有审核权限的同事通过。", "Somebody else who may approve has to agree to what you wrote.")  # fmt: skip
    if seen is not None and seen != updated_at:
        raise changed()


def changed() -> Conflict:
    """It is not what was read any more."""
    return Conflict("changed_meanwhile", "您看过之后内容又被修改了，请刷新后再审核。", "It was changed after you read it; reload and look again.")  # fmt: skip
