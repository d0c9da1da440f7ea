"""Identity of a batch in the door's transaction: read, judge, insert in one order, read the winners, judge again where needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.ids import new_id
from tandem.stream.identity import filing, store
from tandem.stream.identity.identifiers import UNIQUE
from tandem.stream.identity.portrait import Portrait
from tandem.stream.identity.rules import DEFAULT, Rules
from tandem.stream.identity.verdict import Findings, Key, Pointer, judge, unsettled

Records = Sequence[Sequence[Key]]
Said = Sequence[Portrait | None] | None


def assign(tx: Tx, records: Records, *, said: Said = None, rules: Rules = DEFAULT) -> Findings:
    """Say whose each record is and write it into the key tables. The caller makes `created` and files what arose from it.

    After this the answer is final for the transaction: every key of the batch is either ours or was committed by somebody else.
    """
    keys = {key: None for record in records for key in record}
    known = store.read(tx, keys)
    ids = _Ids()
    findings = judge(records, known, store.people(tx, unsettled(records, known)), ids.next, said=said, rules=rules)
    ours = store.give(tx, findings.given)
    if len(ours) < len(findings.given) or _gives_unique(findings):
        findings = _Again(tx, records, known, findings, ours, ids).judge(said, rules)
    store.contest(tx, findings.contested, rules)
    filing.file_merges(tx, findings.merges)
    filing.file_reviews(tx, findings.reviews)
    return findings


@dataclass(frozen=True, slots=True)
class _Again:
    """Judge once more with what other doors committed meanwhile: the winners of values we lost, claims made beside us."""

    tx: Tx
    records: Records
    known: dict[Key, Pointer]
    first: Findings
    ours: set[Key]
    ids: _Ids

    def judge(self, said: Said, rules: Rules) -> Findings:
        tx, first = self.tx, self.first
        known = self.known | store.read(tx, first.given.keys() - self.ours)
        waiting = {one for key, (one, _) in first.given.items() if key.kind in UNIQUE and one not in first.created}
        if waiting:
            store.serialise(tx, sorted(waiting))
        # Our own provisional rows are no evidence: the second judgement may give them to somebody else.
        people = store.people(tx, unsettled(self.records, known), except_keys=self.ours)
        self.ids.rewind()
        final = judge(self.records, known, people, self.ids.next, said=said, rules=rules)
        store.correct(tx, {key: pair for key, pair in final.given.items() if first.given.get(key) != pair})
        return final


def _gives_unique(findings: Findings) -> bool:
    """Whether a customer who was there before gets an identifier of which she may have only one."""
    made = set(findings.created)
    return any(key.kind in UNIQUE and customer not in made for key, (customer, _) in findings.given.items())


class _Ids:
    """Fresh ids that a second judgement gets again in the same order, so that it changes only what it must."""

    def __init__(self) -> None:
        self._made: list[UUID] = []
        self._used = 0

    def next(self) -> UUID:
        if self._used == len(self._made):
            self._made.append(new_id())
        self._used += 1
        return self._made[self._used - 1]

    def rewind(self) -> None:
        self._used = 0
