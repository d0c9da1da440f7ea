"""Rows that are nearly always new, written as if they were.

``insert ... on conflict`` looks into the index before it writes, takes a lock for each row and notes in the log of writes that it meant
it: more than the row itself costs. A batch that holds nothing twice needs none of it. So a batch is first written plainly, in a savepoint,
and with the conflict clause where that fails (docs/decisions/0187-nothing-is-filed-twice-is-tried-first.md).
"""

from collections.abc import Callable, Sized
from typing import Final, TypeVar
from uuid import UUID

from psycopg.errors import UniqueViolation

from tandem.kernel.db import Tx

T = TypeVar("T", bound=Sized)

WORTH_IT: Final = 100
"""Rows of a batch that pay for its savepoint: two more round trips."""
CAREFUL_FOR: Final = 50
"""Batches of a tenant that are written with care after one that held something twice: where one comes, more do."""


class Fresh:
    """Writes of one kind, and how they went lately with each tenant. A hint of this process: either way gives the same rows."""

    def __init__(self) -> None:
        self._last: dict[UUID, int] = {}
        self._careful: dict[UUID, int] = {}

    def attempt(self, tx: Tx, run: Callable[[str], T], plain: str, careful: str, expected: int | None = None) -> T:
        """Run ``plain``, which raises where a row is there already, or ``careful``, which knows what to do then.

        ``expected``: rows of this batch; None: as many as the tenant's last one, for whoever finds out by running.
        """
        rows = self._last.get(tx.tenant_id, 0) if expected is None else expected
        left = self._careful.get(tx.tenant_id, 0)
        if rows < WORTH_IT:
            found = run(careful)
        elif left:
            self._careful[tx.tenant_id] = left - 1
            found = run(careful)
        else:
            found = self._plainly(tx, run, plain, careful)
        if expected is None:
            self._last[tx.tenant_id] = len(found)
        return found

    def _plainly(self, tx: Tx, run: Callable[[str], T], plain: str, careful: str) -> T:
        try:
            with tx.savepoint():
                return run(plain)
        except UniqueViolation:
            self._careful[tx.tenant_id] = CAREFUL_FOR
            return run(careful)
