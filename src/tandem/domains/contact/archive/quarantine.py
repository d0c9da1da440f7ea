"""Messages over which the platform's library broke each time: set aside after some tries, listed with the reason, tried again when asked.

Only a number stands here: what was said is with the platform, for as long as it keeps it (five days at WeCom).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from tandem.access import audit
from tandem.domains.contact.archive.ports import Broke
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound

TRIES: Final = 3
"""So often a message may break the library before the archive goes on without it."""
AGAIN_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A message that broke the library. `state`: trying, aside, again (somebody asked for it), gone (the platform has it no more)."""

    seq: int
    number: str
    tries: int
    why: str
    state: Literal["trying", "aside", "again", "gone"]
    broke_at: datetime


def listed(tx: Tx, account: UUID) -> list[BrokenRow]:
    """An account's messages that are set aside or tried again, the latest first; the last five hundred."""
    return tx.all(
        BrokenRow,
        """
        select seq, number, tries, why, state, broke_at from archive_broken
        where tenant_id = %(tenant)s and account_id = %(account)s and state <> 'trying' order by seq desc limit 500
        """,
        {"tenant": tx.tenant_id, "account": account},
    )


def aside(tx: Tx, account: UUID) -> frozenset[int]:
    """The numbers that are passed over."""
    return frozenset(
        tx.values(
            "select seq from archive_broken where tenant_id = %(tenant)s and account_id = %(account)s and state <> 'trying'",
            {"tenant": tx.tenant_id, "account": account},
        )
    )


def note(tx: Tx, account: UUID, broke: Broke) -> None:
    """The library broke over a message once more."""
    tx.execute(
        """
        insert into archive_broken as b (tenant_id, account_id, seq, number, tries, why, state, broke_at)
        values (%(tenant)s, %(account)s, %(seq)s, %(number)s, 1, %(why)s, 'trying', now())
        on conflict (tenant_id, account_id, seq) do update set tries = b.tries + 1, why = excluded.why, broke_at = now(),
          state = case when b.tries + 1 >= %(tries)s then 'aside' else b.state end
        """,
        {
            "tenant": tx.tenant_id, "account": account, "seq": broke.seq, "number": broke.number, "why": broke.why[:300], "tries": TRIES
        },
    )  # fmt: skip


def opened(tx: Tx, account: UUID, before: int, until: int) -> None:
    """Messages in (before, until] were read after all: nothing is left to say of those that had been tried."""
    tx.execute(
        """
        delete from archive_broken where tenant_id = %(tenant)s and account_id = %(account)s and state = 'trying' and seq > %(before)s and seq <= %(until)s
        """,
        {"tenant": tx.tenant_id, "account": account, "before": before, "until": until},
    )


def ask_again(tx: Tx, account: UUID, seq: int) -> None:
    """Have a message that was set aside tried once more. Raises NotFound."""
    done = tx.execute(
        """
        update archive_broken set state = 'again' where tenant_id = %(tenant)s and account_id = %(account)s and seq = %(seq)s and state <> 'trying'
        """,
        {"tenant": tx.tenant_id, "account": account, "seq": seq},
    )
    if not done:
        raise NotFound("no_such_message", "没有这条消息。", "There is no such message.")
    tx.execute(
        "update archive_account set next_at = now() where tenant_id = %(tenant)s and account_id = %(account)s",
        {"tenant": tx.tenant_id, "account": account},
    )
    audit.record(tx, "archive_broken.tried_again", "source_account", account, None, {"seq": seq})


def asked_for(tx: Tx, account: UUID) -> list[int]:
    """The numbers that somebody wants tried again, the oldest first."""
    return tx.values(
        """
        select seq from archive_broken where tenant_id = %(tenant)s and account_id = %(account)s and state = 'again' order by seq limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "account": account, "limit": AGAIN_AT_ONCE},
    )


def settle(tx: Tx, account: UUID, seq: int, state: Literal["read", "aside", "gone"], why: str = "") -> None:
    """What came of trying again: read (then it is listed no more), aside as before, or gone."""
    params = {"tenant": tx.tenant_id, "account": account, "seq": seq, "state": state, "why": why[:300]}
    where = "where tenant_id = %(tenant)s and account_id = %(account)s and seq = %(seq)s"
    if state == "read":
        tx.execute(f"delete from archive_broken {where}", params)
        tx.execute(
            "update archive_account set unread = greatest(unread - 1, 0) where tenant_id = %(tenant)s and account_id = %(account)s",
            params,
        )
        return
    tx.execute(
        f"update archive_broken set state = %(state)s, why = coalesce(nullif(%(why)s, ''), why), tries = tries + 1, broke_at = now() {where}",
        params,
    )
