"""Filing and running merges behind a door, and looking at what they left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import tandem.flow.merged  # noqa: F401 - takes part in merges by being loaded
from harness.door import Door
from tandem.catalog.model import Catalog
from tandem.domains.commerce.fields import CONTRIBUTION
from tandem.domains.commerce.projections import FACTS, PROJECTIONS
from tandem.kernel.ids import new_id
from tandem.kernel.turn import Turn
from tandem.stream import fields
from tandem.stream.apply import apply
from tandem.stream.identity import commands
from tandem.stream.identity.merge import SLICE_ROWS
from tandem.stream.identity.moving import owned_tables
from tandem.stream.identity.projection import IDENTIFIED
from tandem.stream.profile.recorded import PROJECTION as RECORDED
from tandem.stream.profile.visits import VISIT_FACTS
from tandem.stream.projection import Facts, Projection

ALL_BUCKETS = list(range(256))


_FACTS = (*VISIT_FACTS, *FACTS)


@dataclass(frozen=True)
class Engine:
    """The data-flow engine with people and orders, without the flow engine."""

    catalog: Catalog
    projections: tuple[Projection, ...] = (IDENTIFIED, RECORDED, *PROJECTIONS)
    facts: tuple[Facts, ...] = _FACTS


ENGINE = Engine(Catalog.assemble([fields.contribution(_FACTS), CONTRIBUTION]))


@dataclass
class Merging:
    """A door's tenant with the assembled system behind it."""

    door: Door

    system: Engine = ENGINE

    def apply(self) -> int:
        """Apply every event that waits, in all lanes; returns how many."""
        done = 0
        while True:
            before = done
            for lane in (0, 1, 2):
                with self.door.tx("worker") as tx:
                    applied = apply(Turn(tx, ALL_BUCKETS), self.system, 1000, lane)
                assert not applied.failures, applied.failures
                done += len(applied.events)
            if done == before and not self.door.value(
                "select count(*) from inbox where tenant_id = %s", self.door.tenant
            ):
                return done

    def file(self, survivor: UUID, loser: UUID, *, forced: bool = False, choices: Sequence[str] = ()) -> UUID:
        command = new_id()
        with self.door.tx("worker") as tx:
            tx.execute(
                """
                insert into merge_command (tenant_id, id, verb, survivor_id, loser_id, forced, choices, reason, filed_at)
                values (%(tenant)s, %(id)s, 'merge', %(survivor)s, %(loser)s, %(forced)s, %(choices)s, 'test', now())
                """,
                {
                    "tenant": tx.tenant_id,
                    "id": command,
                    "survivor": survivor,
                    "loser": loser,
                    "forced": forced,
                    "choices": list(choices),
                },
            )
        return command

    def undo(self, merge_id: UUID, *, slice_rows: int = SLICE_ROWS) -> list[str]:
        with self.door.tx("worker") as tx:
            tx.execute(
                """
                insert into merge_command (tenant_id, id, verb, merge_id, reason, filed_at)
                values (%(tenant)s, %(id)s, 'undo', %(merge)s, 'test', now())
                """,
                {"tenant": tx.tenant_id, "id": new_id(), "merge": merge_id},
            )
        return self.run(slice_rows=slice_rows)

    def standing(self) -> list[UUID]:
        return [
            row[0]
            for row in self.door.rows(
                "select id from customer_merge where tenant_id = %s and undone_at is null order by seq",
                self.door.tenant,
            )
        ]

    def undo_all(self, *, slice_rows: int = SLICE_ROWS) -> list[str]:
        return [outcome for merge in self.standing() for outcome in self.undo(merge, slice_rows=slice_rows)]

    def step(self, *, slice_rows: int = SLICE_ROWS) -> str | None:
        outcome = commands.step(self.door.db, self.door.tenant, self.system, slice_rows=slice_rows)
        return None if outcome is None else outcome.status

    def run(self, *, slice_rows: int = SLICE_ROWS) -> list[str]:
        """Run every command that waits; returns how each step went."""
        outcomes: list[str] = []
        while (status := self.step(slice_rows=slice_rows)) is not None:
            outcomes.append(status)
        return outcomes

    def tags(self) -> set[tuple[Any, ...]]:
        return set(self.door.rows("select customer_id, origin_id, tag, source from customer_tag"))

    def people(self) -> list[tuple[Any, ...]]:
        return self.door.rows(
            "select id, bucket, merged_into, held, store_id, name_hash, gender, birthday, city, district, do_not_contact, attrs, borrowed "
            "from customer order by id"
        )


def picture(door: Door) -> dict[str, list[str]]:
    """Every row that belongs to a customer, derived ones too, without what only says when it was last written."""
    seen: dict[str, list[str]] = {}
    for name in ("customer", *(table.name for table in owned_tables())):
        skip = " and type not in ('customer.merged', 'customer.unmerged')" if name in {"event", "inbox"} else ""
        rows = door.rows(f"select to_jsonb(t) - 'updated_at' from {name} t where tenant_id = %s{skip}", door.tenant)
        seen[name] = sorted(json.dumps(row[0], sort_keys=True) for row in rows)
    names = "kind, scope, encode(value_hash, 'hex'), customer_id, origin_id, bucket"
    seen["identifier"] = sorted(
        str(row) for row in door.rows(f"select {names} from identifier where tenant_id = %s", door.tenant)
    )
    return seen
