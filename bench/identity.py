"""Whose account is it: precision and recall on a generated population, of plain joining, of guards on values, and of ours.

    script/bench identity [--people 30000] [--seed 1] [--full] [--no-splink]

`--full` is 330,000 people with about 725,000 accounts. Pairs of accounts are counted; what waits in the review queue counts as not merged.
"Ours" is the door's own judgement (`stream/identity/verdict.py`) over batches of a thousand in order of arrival, against key tables kept in
memory, then the filed merges; "+ nightly" adds the pairs that the nightly comparison finds likelier than the stated bound.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench")]

from _identity_door import Door, customers  # noqa: E402
from _population import Population, generate  # noqa: E402

from tandem.stream.identity import likeness  # noqa: E402
from tandem.stream.identity.person import LIKELY  # noqa: E402
from tandem.stream.identity.rules import DEFAULT  # noqa: E402

FULL = 330_000
ACCOUNTS_PER_VALUE_MAX = 10
COMPONENT_MAX = 6
BOUNDS = (0.99, 0.98, 0.97, 0.95, 0.9, 0.8)


class Groups:
    """A partition of accounts, by union-find."""

    def __init__(self, n: int) -> None:
        self._up = list(range(n))

    def find(self, one: int) -> int:
        up = self._up
        while up[one] != one:
            up[one] = up[up[one]]
            one = up[one]
        return one

    def join(self, one: int, other: int) -> None:
        a, b = self.find(one), self.find(other)
        if a != b:
            self._up[max(a, b)] = min(a, b)

    def labels(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.array([self.find(one) for one in range(len(self._up))])


def values_of(people: Population, *, device: bool) -> Iterator[tuple[int, tuple[str, int]]]:
    """Every exact value an account shows: full phones, e-mails, union ids, and devices where asked for."""
    phone = np.where(people.masked, -1, people.phone)
    kinds = {"phone": phone, "email": people.email, "union": people.union}
    if device:
        kinds["device"] = people.device
    for kind, column in kinds.items():
        for row in np.flatnonzero(column != -1):
            yield int(row), (kind, int(column[row]))


def union(people: Population, *, device: bool, most: int | None = None) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Accounts that share a value are one; values on more than `most` accounts are passed over."""
    by_value: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row, value in values_of(people, device=device):
        by_value[value].append(row)
    groups = Groups(len(people))
    for rows in by_value.values():
        if most is None or len(rows) <= most:
            for row in rows[1:]:
                groups.join(rows[0], row)
    return groups.labels()


def capped(labels: np.ndarray[Any, np.dtype[np.int64]], most: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Groups above the cap are taken apart: a person would have to look."""
    counts = np.bincount(labels)
    return np.where(counts[labels] > most, np.arange(len(labels)), labels)


def score(people: Population, labels: np.ndarray[Any, np.dtype[np.int64]]) -> dict[str, Any]:
    """Precision and recall over pairs of accounts."""

    def pairs(column: np.ndarray[Any, np.dtype[np.int64]]) -> int:
        counts = np.unique(column, return_counts=True)[1].astype(np.int64)
        return int((counts * (counts - 1) // 2).sum())

    _, truth = np.unique(people.person, return_inverse=True)
    _, found = np.unique(labels, return_inverse=True)
    both = pairs(truth.astype(np.int64) * (int(found.max()) + 1) + found)
    return {
        "precision": round(both / max(1, pairs(found)), 4),
        "recall": round(both / pairs(truth), 4),
        "largest": int(np.bincount(found).max()),
    }


def measured(people: Population, name: str, make: Callable[[], Any]) -> dict[str, Any]:
    began = time.process_time()
    labels = make()
    line = {"rule": name, **score(people, labels), "cpu_s": round(time.process_time() - began, 1)}
    print(
        f"{name:<58} {line['precision']:.4f}  {line['recall']:.4f}  {line['largest']:>5}  {line['cpu_s']:>6}",
        flush=True,
    )
    return line


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--people", type=int, default=30_000)
    ask.add_argument("--full", action="store_true", help=f"{FULL:,} people")
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--no-splink", action="store_true")
    asked = ask.parse_args()
    people = generate(FULL if asked.full else asked.people, asked.seed)
    print(f"{len(np.unique(people.person)):,} people, {len(people):,} accounts, seed {asked.seed}\n")
    print(f"{'rule':<58} precision recall largest  cpu_s")
    guarded = lambda: union(people, device=False, most=ACCOUNTS_PER_VALUE_MAX)  # noqa: E731
    lines = [
        measured(people, "plain union", lambda: union(people, device=True)),
        measured(people, "values on more than 10 accounts ignored", lambda: union(people, device=True, most=10)),
        measured(people, "+ device never merges", guarded),
        measured(people, "+ component cap 6, the rest to review", lambda: capped(guarded(), COMPONENT_MAX)),
    ]
    door = Door(people)
    lines.append(measured(people, "ours: the door and its merges", lambda: door.run().labels))
    result = {"reviews": door.reviews_by_reason(), "lines": lines}
    if not asked.no_splink and likeness.is_installed():
        result |= nightly(people, door, lines)
    print(json.dumps(result, ensure_ascii=False))


def nightly(people: Population, door: Door, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The pairs of one night, likeliest first, merged down to each bound; what is left above the review bound waits for a person."""
    began, cpu = time.perf_counter(), time.process_time()
    compared = likeness.table(customers(door))
    found = likeness.propose(compared, likeness.train(compared), above=DEFAULT.review_above)
    spent = {"wall_s": round(time.perf_counter() - began, 1), "cpu_s": round(time.process_time() - cpu, 1)}
    waiting = iter([*found, None])
    pair = next(waiting)
    for bound in BOUNDS:

        def merged(bound: float = bound) -> Any:
            nonlocal pair
            while pair is not None and pair.probability >= bound:
                if pair.may_join:
                    door.merge(pair.one, pair.other, LIKELY)
                pair = next(waiting)
            return door.labels

        shipped = " (as shipped)" if bound == DEFAULT.merge_above else ""
        lines.append(measured(people, f"+ nightly, merged without asking from {bound}{shipped}", merged))
    asked = sum(door.root(one.one) != door.root(one.other) for one in found)
    rows = door.first_rows
    right = sum(bool(people.person[rows[one.one]] == people.person[rows[one.other]]) for one in found)
    return {"nightly": {"customers": compared.num_rows, "pairs": len(found), "right": right, "asked": asked, **spent}}


if __name__ == "__main__":
    main()
