"""What a domain tells the rehearsal of its blocks: which tables they write, what follows outside the turn, and what came of it.

The same words serve a real run: what its blocks did for her is read from the same tables by the same statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from tandem.catalog import Catalog
from tandem.kernel.db import Tx
from tandem.kernel.turn import Turn


@dataclass(frozen=True, slots=True)
class Effect:
    """What a block did for a run. `title`: the message's or the coupon's name; `text`: the words she gets, or the code.

    `outcome` is a stable word: sent, held, skipped, failed, issued, earned. `amount` is its worth in the tenant's currency, or points.
    `until`: when a held one is looked at again.
    """

    run_id: UUID
    block: str
    visit: int
    what: Literal["message", "coupon", "points"]
    outcome: str
    title: str
    text: str | None
    reason: str | None
    until: datetime | None
    amount: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """For which runs effects are asked: all of one transaction's tenant. `closed`: the fields and remembered values (`customer.birthday`,
    `run.bd`) that the reader may not see (`explain/values.py: closed_to`).
    """

    tx: Tx
    catalog: Catalog
    buckets: Sequence[int]
    runs: Sequence[UUID]
    closed: AbstractSet[str]


@dataclass(frozen=True, slots=True)
class Tryout:
    """A domain's part in a rehearsal. Every statement names its tables without a schema, so that scratch tables stand in for them.

    `tables`: those its blocks write, each with the SQL condition over `t` of the rows it begins with ("" for none); the condition may use
    `%(tenant)s` and `%(since)s`, the moment where the rehearsal begins.
    `times`: since when a row is known, as SQL over `t`, for tables whose past must be read as of a moment.
    `steps`: names of the module's turn steps that take part.
    `real(turn, since)`: where history is replayed, puts in what really happened between `since` and now (messages that count against caps).
    `after(turn)`: what happens outside turns (a message is delivered, a lot is lent). Returns how much it did.
    `contention`: SQL of moments since `%(since)s` at which a flow's effect waited or was dropped for what another flow had taken:
    bucket, flow_id, other_id, customer_id, at.
    `rows`: SQL of every effect: bucket, customer_id, run_id, block, what, outcome, at, amount (money or points).
    """

    name: str
    tables: Mapping[str, str] = field(default_factory=dict[str, str])
    times: Mapping[str, str] = field(default_factory=dict[str, str])
    steps: tuple[str, ...] = ()
    real: Callable[[Turn, datetime], None] | None = None
    after: Callable[[Turn], int] | None = None
    effects: Callable[[Asked], list[Effect]] | None = None
    rows: str | None = None
    contention: str | None = None


#: What people do with a message that arrives in a dry run: let it be, read it, press its link, answer it.
Engagement = Literal["nothing", "read", "clicked", "replied"]
ANSWERED: Final = "rehearsed_event"
"""Scratch table of the events that such answers are: `event` shows them with the real ones."""


def assume(tx: Tx, engagement: Engagement) -> None:
    """For the rest of the transaction everybody does this with what arrives; blocks that look at a message's fate see it."""
    if engagement == "nothing":
        return
    tx.execute("select set_config('tandem.engagement', %(what)s, true)", {"what": engagement})
    tx.execute(f"create temp table {ANSWERED} as select * from public.event with no data")
    tx.execute(f"create temp view event as select * from public.event union all select * from {ANSWERED}")


def answering(tx: Tx) -> str:
    """What is assumed; empty where nothing is."""
    found: str | None = tx.value("select current_setting('tandem.engagement', true)")
    return found or ""
