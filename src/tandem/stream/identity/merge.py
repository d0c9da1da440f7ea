"""Merge, undo, rehome: each in a transaction that holds every bucket concerned (ENGINE_RULES 10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of, new_id
from tandem.kernel.turn import Turn, in_buckets
from tandem.stream.events import NewEvent
from tandem.stream.identity import borrow, filing, hooks, moving, store
from tandem.stream.identity.filed import Command, Outcome
from tandem.stream.identity.moving import Move
from tandem.stream.identity.objections import objection
from tandem.stream.identity.rehome import rehome
from tandem.stream.identity.stuck import FAILURES
from tandem.stream.identity.tree import Edge, Forest
from tandem.stream.inbox import emit
from tandem.stream.keys import tenant_keys
from tandem.stream.profile.facts import recompute_customers
from tandem.stream.projection import BACKFILL, LIVE, StreamSystem
from tandem.stream.segment import departed

SLICE_ROWS: Final = 10_000
"""More rows than this move in slices, a transaction each, with both customers locked out of flows meanwhile."""


class Work:
    """One command in its transaction. `slice_rows` bounds what a transaction moves."""

    def __init__(self, tx: Tx, system: StreamSystem, command: Command, *, slice_rows: int = SLICE_ROWS) -> None:
        self._tx = tx
        self._system = system
        self._command = command
        self._slice_rows = slice_rows

    def run(self) -> Outcome:
        """Do the command, or the next slice of it."""
        if self._command.verb == "rehome":
            return rehome(self._tx, self._system, self._command)
        people = self._people_concerned()
        if not people:
            return Outcome("void", "unknown customer")
        forest = self._locked_forest(people)
        if forest is None:
            return Outcome("waiting", "the people concerned were being merged just now")
        if self._command.verb == "undo":
            return self._undo(forest)
        return self._merge(forest)

    def _people_concerned(self) -> list[UUID]:
        if self._command.verb == "merge":
            given = [self._command.survivor_id, self._command.loser_id]
        else:
            row = self._tx.dicts(
                "select survivor_id, loser_id from customer_merge where tenant_id = %(tenant)s and id = %(merge)s",
                {"tenant": self._tx.tenant_id, "merge": self._command.merge_id},
            )
            given = [row[0]["survivor_id"], row[0]["loser_id"]] if row else []
        people = [one for one in given if one is not None]
        return people if len(store.wrapped_keys(self._tx, people)) == 2 else []

    def _locked_forest(self, people: Sequence[UUID]) -> Forest | None:
        """Everybody in the trees of these people, with their buckets locked; None when a tree changed while we waited."""
        before = read_forest(self._tx, people)
        members = [member for one in people for member in before.members(before.root(one))]
        in_buckets(self._tx.conn, {bucket_of(member) for member in members})
        after = read_forest(self._tx, people)
        return after if {after.root(one) for one in people} == {before.root(one) for one in people} else None

    # ------------------------------------------------------------------------------------------------- merge

    def _merge(self, forest: Forest) -> Outcome:
        one, other = self._command.survivor_id, self._command.loser_id
        if one is None or other is None:
            return Outcome("void", "no customers named")
        if self._command.status == "moving":
            return self._go_on(forest, one, other)
        survivor, loser = forest.root(one), forest.root(other)
        if not self._command.forced:
            survivor, loser = min(survivor, loser), max(survivor, loser)
        against = self._objection(survivor, loser)
        return against or self._join(forest, survivor, loser)

    def _objection(self, survivor: UUID, loser: UUID) -> Outcome | None:
        if survivor == loser:
            return Outcome("void", "already one customer")
        if self._held(survivor, loser):
            return Outcome("waiting", "rows of one of them are still being moved")
        if self._command.forced:
            return None
        why = objection(self._tx, survivor, loser, self._command.evidence)
        if why is None:
            return None
        filing.file_reviews(self._tx, {(min(survivor, loser), max(survivor, loser)): why})
        return Outcome("refused", f"contradiction: {why.reason}")

    def _join(self, forest: Forest, survivor: UUID, loser: UUID) -> Outcome:
        move = Move(loser, survivor)
        rows = sum(moving.rows_of(self._tx, move, self._slice_rows).values())
        merge_id = self._note(survivor, loser, rows)
        members = forest.members(loser)
        self._point(members, survivor, known=members)
        departed.note(self._tx, [loser])
        moving.drop_derived(self._tx, loser)
        if rows > self._slice_rows:
            self._hold([survivor, loser], held=True)
            return self._slice(move, merge_id)
        moving.move_rows(self._tx, move, rows + 1)
        return self._merged(survivor, loser, merge_id)

    def _note(self, survivor: UUID, loser: UUID, rows: int) -> UUID:
        merge_id = new_id()
        self._tx.execute(
            """
            insert into customer_merge (tenant_id, id, survivor_id, loser_id, reason, evidence, choices, moved_rows, merged_at, merged_by)
            select %(tenant)s, %(id)s, %(survivor)s, %(loser)s, c.reason, c.evidence, c.choices, %(rows)s, %(now)s, c.filed_by
            from merge_command as c where c.tenant_id = %(tenant)s and c.id = %(command)s
            """,
            {
                "tenant": self._tx.tenant_id,
                "id": merge_id,
                "survivor": survivor,
                "loser": loser,
                "rows": rows,
                "now": self._tx.now,
                "command": self._command.id,
            },
        )
        return merge_id

    def _slice(self, move: Move, merge_id: UUID) -> Outcome:
        moving.move_rows(self._tx, move, self._slice_rows)
        self._tx.execute(
            "update merge_command set merge_id = %(merge)s where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": self._tx.tenant_id, "id": self._command.id, "merge": merge_id},
        )
        return Outcome("moving")

    def _go_on(self, forest: Forest, one: UUID, other: UUID) -> Outcome:
        edge = None if self._command.merge_id is None else forest.edge(self._command.merge_id)
        if edge is None:
            self._hold([one, other], held=False)
            return Outcome("void", "the merge was taken back meanwhile")
        move = Move(edge.loser_id, edge.survivor_id)
        if moving.move_rows(self._tx, move, self._slice_rows) >= self._slice_rows:
            return Outcome("moving")
        self._hold([edge.survivor_id, edge.loser_id], held=False)
        return self._merged(edge.survivor_id, edge.loser_id, edge.merge_id)

    def _merged(self, survivor: UUID, loser: UUID, merge_id: UUID) -> Outcome:
        moving.check_again(self._tx, survivor)
        hooks.after_merge(Turn(self._tx, [bucket_of(survivor)]), survivor)
        self._refresh([survivor])
        self._say("customer.merged", [survivor], survivor, loser, merge_id, LIVE)
        filing.close_review(self._tx, survivor, loser, "merged", self._command.filed_by)
        filing.carry_reviews(self._tx, survivor, loser, merge_id)
        return Outcome("done")

    # ------------------------------------------------------------------------------------------------- undo

    def _undo(self, forest: Forest) -> Outcome:
        merge_id = self._command.merge_id
        edge = None if merge_id is None else forest.edge(merge_id)
        if edge is None:
            return (
                self._go_on_undoing(forest)
                if self._command.status == "moving"
                else Outcome("void", "this merge does not stand")
            )
        survivor, split = forest.root(edge.survivor_id), edge.loser_id
        if self._held(survivor, split) and not self._takes_over(edge.merge_id, [survivor, split]):
            return Outcome("waiting", "rows of one of them are still being moved")
        members = forest.members(split)
        self._cut(edge)
        self._point(members, split, known=[survivor, *members])
        move = Move(survivor, split, tuple(members))
        rows = sum(moving.rows_of(self._tx, move, self._slice_rows).values())
        if rows > self._slice_rows:
            self._hold([survivor, split], held=True)
            moving.move_rows(self._tx, move, self._slice_rows)
            return Outcome("moving")
        moving.move_rows(self._tx, move, rows + 1)
        return self._unmerged(survivor, edge)

    def _takes_over(self, merge_id: UUID, people: Sequence[UUID]) -> bool:
        """Is it this very merge that holds them, because it cannot go on? Then it ends here, and what it has moved goes back."""
        ended: UUID | None = self._tx.value(
            """
            update merge_command set status = 'void', outcome = 'the merge was taken back half-way', done_at = %(now)s
            where tenant_id = %(tenant)s and id = (
              select id from merge_command where tenant_id = %(tenant)s and status = 'moving' and verb = 'merge' and merge_id = %(merge)s
                and failures >= %(failures)s for update skip locked)
            returning id
            """,
            {"tenant": self._tx.tenant_id, "merge": merge_id, "now": self._tx.now, "failures": FAILURES},
        )
        if ended is not None:
            self._hold(people, held=False)
        return ended is not None

    def _go_on_undoing(self, forest: Forest) -> Outcome:
        edge = self._tx.one(
            Edge,
            "select id as merge_id, seq, survivor_id, loser_id from customer_merge where tenant_id = %(tenant)s and id = %(merge)s",
            {"tenant": self._tx.tenant_id, "merge": self._command.merge_id},
        )
        survivor = forest.root(edge.survivor_id)
        move = Move(survivor, edge.loser_id, tuple(forest.members(edge.loser_id)))
        if moving.move_rows(self._tx, move, self._slice_rows) >= self._slice_rows:
            return Outcome("moving")
        self._hold([survivor, edge.loser_id], held=False)
        return self._unmerged(survivor, edge)

    def _cut(self, edge: Edge) -> None:
        self._tx.execute(
            "update customer_merge set undone_at = %(now)s, undone_by = %(by)s where tenant_id = %(tenant)s and id = %(id)s",
            {"now": self._tx.now, "by": self._command.filed_by, "tenant": self._tx.tenant_id, "id": edge.merge_id},
        )

    def _unmerged(self, survivor: UUID, edge: Edge) -> Outcome:
        for one in (survivor, edge.loser_id):
            moving.resurface(self._tx, one)
        filing.return_reviews(self._tx, edge.merge_id)
        self._refresh([survivor, edge.loser_id])
        # As history: whoever comes back into a segment by a split has been there before, and starts nothing.
        self._say("customer.unmerged", [survivor, edge.loser_id], survivor, edge.loser_id, edge.merge_id, BACKFILL)
        return Outcome("done")

    # ------------------------------------------------------------------------------------------------ shared

    def _held(self, *customers: UUID) -> bool:
        return bool(
            self._tx.value(
                """
                select bool_or(held) from customer
                where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
                """,
                self._named(customers),
            )
        )

    def _hold(self, customers: Sequence[UUID], *, held: bool) -> None:
        self._tx.execute(
            """
            update customer set held = %(held)s
            where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
            """,
            {**self._named(customers), "held": held},
        )

    def _point(self, members: Sequence[UUID], root: UUID, *, known: Sequence[UUID]) -> None:
        """Let these people and their identifiers name `root`."""
        named = {**self._named(members), "root": root}
        self._tx.execute(
            """
            update customer set merged_into = nullif(%(root)s::uuid, id), updated_at = %(now)s
            where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
            """,
            named,
        )
        store.point_identifiers(self._tx, members, root, known=known)

    def _refresh(self, roots: Sequence[UUID]) -> None:
        forest = read_forest(self._tx, roots)
        keys = tenant_keys(self._tx)
        for root in roots:
            borrow.refresh(self._tx, keys, forest, root)
        turn = Turn(self._tx, sorted({bucket_of(root) for root in roots}))
        recompute_customers(turn, self._system, [(bucket_of(root), root) for root in roots])

    def _say(self, kind: str, to: Sequence[UUID], survivor: UUID, loser: UUID, merge_id: UUID, mode: int) -> None:
        payload = {"survivor_id": str(survivor), "loser_id": str(loser), "merge_id": str(merge_id)}
        emit(
            self._tx,
            [
                NewEvent(
                    type=kind,
                    bucket=bucket_of(one),
                    customer_id=one,
                    occurred_at=self._tx.now,
                    payload=payload,
                    mode=mode,
                )
                for one in to
            ],
        )

    def _named(self, customers: Sequence[UUID]) -> dict[str, Any]:
        return {
            "tenant": self._tx.tenant_id,
            "ids": list(customers),
            "buckets": sorted({bucket_of(one) for one in customers}),
            "now": self._tx.now,
        }


_FOREST: Final = """
with recursive tree as (
  select distinct coalesce(c.merged_into, c.id) as id from customer as c
  where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.id = any(%(ids)s::uuid[])
  union
  select m.loser_id from tree as t
  join customer_merge as m on m.tenant_id = %(tenant)s and m.survivor_id = t.id and m.undone_at is null
)
select m.id as merge_id, m.seq, m.survivor_id, m.loser_id, m.choices
from tree as t join customer_merge as m on m.tenant_id = %(tenant)s and m.survivor_id = t.id and m.undone_at is null
"""


def read_forest(tx: Tx, people: Sequence[UUID]) -> Forest:
    """The standing merges in the trees of these people."""
    params = {"tenant": tx.tenant_id, "ids": list(people), "buckets": sorted({bucket_of(one) for one in people})}
    return Forest(Edge(*row) for row in tx.cursor(_FOREST, params))
