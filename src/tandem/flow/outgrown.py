"""Have tables outgrown the plans that were made for them? (docs/decisions/0195-plans-follow-growth.md)

A worker's statements are planned once. A plan made while a table held a row or two reads all of it, which costs nothing then and a tenth
of a second when an audience has filled it; PostgreSQL itself makes new plans only once autovacuum has come by, a minute later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tandem.kernel.db import Connection

#: Below so many bytes any plan is quick.
SMALL: Final = 512 * 1024
#: Plans are made anew for tables that are so many times as large as when they were last made.
FACTOR: Final = 4

_SIZES: Final = """
select c.oid::bigint, coalesce(pg_relation_size(c.oid), 0) from pg_class c
where c.relkind = 'r' and not c.relispartition and c.relnamespace = current_schema()::regnamespace
"""


@dataclass(slots=True)
class Growth:
    """How large the tables were, in bytes, when this connection's plans were last made."""

    sizes: dict[int, int] = field(default_factory=dict[int, int])

    def forget(self) -> None:
        """A new connection has no plans yet."""
        self.sizes.clear()

    def follow(self, connection: Connection) -> bool:
        """Have all plans made anew where a table has outgrown them. One short transaction of its own; returns whether it was so."""
        with connection.transaction():
            found: dict[int, int] = dict(connection.execute(_SIZES, prepare=True).fetchall())
            outgrown = any(
                size > SMALL and size > FACTOR * max(self.sizes[table], SMALL // FACTOR)
                for table, size in found.items()
                if table in self.sizes
            )
            if outgrown:
                connection.execute("discard plans")
        if outgrown or not self.sizes:
            self.sizes = found
        return outgrown
