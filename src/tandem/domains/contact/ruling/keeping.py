"""Keeping the platform's rules as the list of words wants them: made, changed, taken away; one that vanished there is made anew.

The lists are compared every few seconds by a digest, and what stands there once an hour. A making whose answer was lost leaves a rule that
nobody here knows: the next hour's look finds it by its name and takes it away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.gateway import GatewayFailure, Line
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.reaching import RuleSpec
from tandem.domains.messaging.words import service as words
from tandem.flow.module import Job
from tandem.kernel.db import Database, Tx
from tandem.kernel.rounds import Rounds
from tandem.stream.rows import to_json

ROUND_SECONDS: Final = 10.0
LEASE: Final = timedelta(minutes=2)
AGAIN: Final = timedelta(hours=1)
NAMES: Final = {"block": "Tandem 拦截", "warn": "Tandem 提醒"}
"""Rules of these names are ours; a number follows."""
_ROUNDS: Final = Rounds("contact.ruling")


@dataclass(frozen=True, slots=True)
class _Held:
    account_id: UUID
    enabled: bool
    levels: list[str]
    semantics: list[str]
    words_max: int
    word_max: int
    seen: str
    due: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    level: str
    number: int
    rule_id: str
    digest: str
    members: list[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule as it is to be."""

    level: str
    number: int
    words: tuple[str, ...]
    semantics: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As people see it there."""
        return f"{NAMES[self.level]} {self.number + 1}"

    def digest(self, members: Sequence[str]) -> str:
        """The same for the same words, kinds and advisers."""
        return hashlib.sha256("\x1f".join([*self.words, "", *members, "", *self.semantics]).encode()).hexdigest()


def wanted(
    listed: Sequence[words.Word],
    *,
    words_max: int,
    word_max: int,
    levels: Sequence[str] = tuple(NAMES),
    semantics: Sequence[str] = (),
) -> tuple[list[Wanted], int]:
    """The rules that hold a list of words, and how many words are too long for one. Pure.

    `semantics` stand with the first rule, the strictest there is: the platform takes none without words.
    """
    found: list[Wanted] = []
    asked = [one for one in listed if one.level in levels and one.level in NAMES]
    fits = [one for one in asked if len(one.word) <= word_max]
    for level in NAMES:
        mine = [one.word for one in fits if one.level == level]
        begins = range(0, len(mine), words_max)
        found += [Wanted(level, at // words_max, tuple(mine[at : at + words_max])) for at in begins]
    if found and semantics:
        found[0] = replace(found[0], semantics=tuple(sorted(semantics)))
    return found, len(asked) - len(fits)


def ruling_round(db: Database) -> float:
    """Look after the rules of every tenant that has some."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from contact_ruling_tenants()")]
    _ROUNDS.each(tenants, lambda tenant: look_after(db, tenant))
    return ROUND_SECONDS


def look_after(db: Database, tenant: UUID) -> int:
    """Bring a tenant's accounts up to the list; returns how many were touched."""
    with db.tx("worker", tenant=tenant) as tx:
        held = _take(tx)
        listed = words.all_words(tx) if held else []
    done = 0
    for one in held:
        with db.tx("worker", tenant=tenant) as tx:
            members: list[str] = tx.values(
                "select member from adviser where tenant_id = %(tenant)s and account_id = %(account)s and status = 'active' order by 1",
                _params(tx, one),
            )
        rules, skipped = wanted(
            listed if one.enabled else [],
            words_max=one.words_max,
            word_max=one.word_max,
            levels=one.levels,
            semantics=one.semantics,
        )
        state = hashlib.sha256("\x1e".join(f"{rule.name}{rule.digest(members)}" for rule in rules).encode()).hexdigest()
        problem: GatewayFailure | None = None
        if state != one.seen or one.due:
            done += 1
            try:
                with line_of(db, tenant, one.account_id) as line:
                    _bring(db, tenant, one, line, rules if members else [], members)
            except GatewayFailure as failure:
                problem = failure
        _release(db, tenant, one, state, skipped, problem)
    return done


def _take(tx: Tx) -> list[_Held]:
    return tx.all(
        _Held,
        """
        with free as materialized (
          select account_id, due_at <= now() as due from intercept_account
          where tenant_id = %(tenant)s and (leased_until is null or leased_until <= now()) order by account_id for update skip locked)
        update intercept_account as a set leased_until = now() + %(lease)s from free as f
        where a.tenant_id = %(tenant)s and a.account_id = f.account_id
        returning a.account_id, a.enabled, a.levels, a.semantics, a.words_max, a.word_max, a.seen, f.due
        """,
        {"tenant": tx.tenant_id, "lease": LEASE},
    )


def _bring(db: Database, tenant: UUID, one: _Held, line: Line, rules: Sequence[Wanted], members: list[str]) -> None:
    there = line.rules()
    with db.tx("worker", tenant=tenant) as tx:
        known = tx.all(
            _Rule,
            "select level, number, rule_id, digest, members from intercept_rule where tenant_id = %(tenant)s and account_id = %(account)s",
            _params(tx, one),
        )
    by_place = {(rule.level, rule.number): rule for rule in known if rule.rule_id in there}
    for rule in rules:
        before = by_place.pop((rule.level, rule.number), None)
        digest = rule.digest(members)
        if before is not None and before.digest == digest:
            continue
        spec = RuleSpec(rule.name, rule.words, rule.level == "block", members, rule.semantics)
        rule_id = line.put_rule(before.rule_id if before else None, spec, before.members if before else [])
        with db.tx("worker", tenant=tenant) as tx:
            tx.execute(
                """
                insert into intercept_rule (tenant_id, account_id, level, number, rule_id, digest, members, words)
                values (%(tenant)s, %(account)s, %(level)s, %(number)s, %(rule)s, %(digest)s, %(members)s::text[], %(words)s)
                on conflict (tenant_id, account_id, level, number) do update set rule_id = excluded.rule_id, digest = excluded.digest,
                  members = excluded.members, words = excluded.words
                """,
                _params(
                    tx, one, level=rule.level, number=rule.number, rule=rule_id, digest=digest, members=members, words=len(rule.words)
                ),
            )  # fmt: skip
    mine = {rule.rule_id for rule in known} - {rule.rule_id for rule in by_place.values()}
    # What is wanted no more, and what carries our names and is not on our books: its making was never answered.
    stray = [
        rule_id for rule_id, name in there.items() if rule_id not in mine and name.startswith(tuple(NAMES.values()))
    ]
    for rule_id in {*stray, *(rule.rule_id for rule in by_place.values())}:
        line.drop_rule(rule_id)
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            delete from intercept_rule as r where r.tenant_id = %(tenant)s and r.account_id = %(account)s
              and not exists (select from jsonb_to_recordset(%(rows)s::jsonb) as n(level text, number int) where n.level = r.level and n.number = r.number)
            """,
            _params(tx, one, rows=to_json([{"level": rule.level, "number": rule.number} for rule in rules])),
        )


def _release(db: Database, tenant: UUID, one: _Held, state: str, skipped: int, failure: GatewayFailure | None) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        if failure is None:
            tx.execute(
                """
                update intercept_account set leased_until = null, seen = %(state)s, skipped = %(skipped)s, failures = 0, problem = null,
                  read_at = case when %(due)s then now() else read_at end, due_at = case when %(due)s then now() + %(again)s else due_at end
                where tenant_id = %(tenant)s and account_id = %(account)s
                """,
                _params(tx, one, state=state, skipped=skipped, due=one.due, again=AGAIN),
            )
            return
        tx.execute(
            """
            update intercept_account set failures = failures + 1, problem = %(problem)s::jsonb, seen = '',
              leased_until = now() + least(interval '1 hour', make_interval(secs => greatest(%(pause)s, 5 * 2 ^ least(failures, 10))))
            where tenant_id = %(tenant)s and account_id = %(account)s
            """,
            _params(tx, one, problem=to_json(failure.problem()), pause=failure.retry_after_seconds or 0.0),
        )


def _params(tx: Tx, one: _Held, **more: Any) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "account": one.account_id, **more}


JOBS: Final = (Job("contact.ruling", ruling_round, interval_seconds=ROUND_SECONDS, during_clock=False),)
