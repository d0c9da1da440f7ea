"""What other domains ask of directories: where somebody can be reached on the phone, and sending her a card."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tandem.domains.directory.gateway import Card, DirectoryFailure
from tandem.domains.directory.knowing import refuse_member
from tandem.domains.directory.lines import line_of
from tandem.domains.directory.rules import decide as decide_rule
from tandem.kernel.db import Database, Tx

__all__ = ["Card", "DirectoryFailure", "Reached", "decide_rule", "reached", "refuse_member", "send"]


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a person's staff messages go."""

    user_id: UUID
    account_id: UUID
    address: str


def reached(tx: Tx) -> list[Reached]:
    """Everybody who can be sent staff messages, each by one account."""
    return tx.all(
        Reached,
        """
        select distinct on (u.id) u.id as user_id, m.account_id, m.address from directory_member as m
        join directory_account as a on a.tenant_id = %(tenant)s and a.account_id = m.account_id
        join staff_user as u on u.tenant_id = %(tenant)s and u.id = m.user_id and u.active
        join source_account as s on s.tenant_id = %(tenant)s and s.id = m.account_id and s.status = 'active'
        where m.tenant_id = %(tenant)s and m.state = 'active' and m.address <> '' order by u.id, s.connector, m.account_id limit 20000
        """,
        {"tenant": tx.tenant_id},
    )


def send(db: Database, tenant: UUID, account: UUID, address: str, card: Card) -> None:
    """Send one person a card. Raises DirectoryFailure."""
    with line_of(db, tenant, account) as line:
        line.send(address, card)
