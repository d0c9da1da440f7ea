"""Reading archives: pull after a number, keep what came and the number in one transaction. Whatever dies, nothing is lost or twice."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from tandem.domains.contact.archive import keeping, quarantine, sampling, strays
from tandem.domains.contact.archive.folding import Rules
from tandem.domains.contact.archive.ports import ArchiveLine, Broke, Consent, Pulled, Said, archive_of
from tandem.domains.contact.attending.hours import hours_of
from tandem.domains.contact.gateway import GatewayFailure
from tandem.flow.module import Job
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import new_id
from tandem.kernel.rounds import Rounds
from tandem.stream.rows import to_json
from tandem.stream.sources.accounts import opened_account
from tandem.stream.sources.connector import Account

log = structlog.get_logger("tandem.archive")

ROUND_SECONDS: Final = 5.0
EVERY: Final = timedelta(seconds=20)
LEASE: Final = timedelta(minutes=5)
PULL: Final = 300
"""Messages of one transaction: it holds their customers' buckets."""
PULLS_MAX: Final = 20
CONSENTS_AT_ONCE: Final = 100
_ROUNDS: Final = Rounds("contact.archive")


@dataclass(frozen=True, slots=True)
class Held:
    """An account that this worker holds."""

    account_id: UUID
    seq: int
    hours: list[Any]
    alarm_minutes: int
    sample_n: int
    failures: int

    def rules(self, zone: str) -> Rules:
        """How its talks are looked at."""
        return Rules(hours_of(self.hours), self.alarm_minutes, ZoneInfo(zone))


class Lost(Exception):
    """Somebody else holds the account by now."""


_TAKE: Final = """
with due as materialized (
  select account_id from archive_account
  where tenant_id = %(tenant)s and active and next_at <= now() and (leased_until is null or leased_until <= now())
  order by next_at limit 1 for update skip locked)
update archive_account as a set leased_until = now() + %(lease)s, holder = %(holder)s from due as d
where a.tenant_id = %(tenant)s and a.account_id = d.account_id
returning a.account_id, a.seq, a.hours, a.alarm_minutes, a.sample_n, a.failures
"""
_FORWARD: Final = """
update archive_account set seq = %(seq)s, unread = unread + %(unread)s, withheld = withheld + %(withheld)s, pulled_at = now(), failures = 0,
  problem = null, leased_until = now() + %(lease)s
where tenant_id = %(tenant)s and account_id = %(account)s and holder = %(holder)s and seq = %(before)s
"""
_END: Final = """
update archive_account set leased_until = null, holder = null, next_at = now() + make_interval(secs => %(pause)s),
  failures = case when %(problem)s::text is null then failures else failures + 1 end, problem = coalesce(%(problem)s::jsonb, problem)
where tenant_id = %(tenant)s and account_id = %(account)s and holder = %(holder)s
"""


def archive_round(db: Database) -> float:
    """Read on in every tenant's archives."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from archive_due_tenants()")]
    return 0.0 if _ROUNDS.each(tenants, lambda tenant: take(db, tenant)) else ROUND_SECONDS


def take(db: Database, tenant: UUID) -> int:
    """Read on in one due archive of a tenant; returns how many there were."""
    holder = new_id()
    with db.tx("worker", tenant=tenant) as tx:
        held = tx.maybe(Held, _TAKE, {"tenant": tenant, "lease": LEASE, "holder": holder})
        account = None if held is None else opened_account(tx, account_id=held.account_id)
        if held is not None:
            # Here and not where it is read: an account that answers no more keeps nobody's words any longer for that.
            strays.forget(tx, held.account_id)
    if held is None:
        return 0
    pause, problem = EVERY.total_seconds(), None
    try:
        with _opened(db, account) as (line, known):
            _Reading(db, known, held, holder, line).run()
    except GatewayFailure as failure:
        pause, problem = failure.pause(held.failures).total_seconds(), to_json(failure.problem())
    except Lost:
        log.info("archive_taken_over", account=str(held.account_id))
        return 1
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            _END,
            {"tenant": tenant, "account": held.account_id, "holder": holder, "pause": pause, "problem": problem},
        )
    return 1


@contextmanager
def _opened(db: Database, account: Account | None) -> Generator[tuple[ArchiveLine, Account]]:
    gateway = None if account is None else archive_of(account.connector)
    if account is None or gateway is None or account.status != "active":
        raise GatewayFailure("set_up", "the account is switched off or gone")
    with gateway.open(db, account) as line:
        yield line, account


@dataclass(slots=True)
class _Reading:
    db: Database
    account: Account
    held: Held
    holder: UUID
    line: ArchiveLine

    def run(self) -> None:
        """Pull until nothing is new, then look at strays and draw what is due. Raises GatewayFailure, Lost."""
        seq = self.held.seq
        with self.db.tx("worker", tenant=self.account.tenant_id) as tx:
            skip, again = quarantine.aside(tx, self.account.id), quarantine.asked_for(tx, self.account.id)
        for _ in range(PULLS_MAX):
            pulled = self.line.pull(seq, PULL, skip)
            if pulled.seq != seq:
                self._keep(pulled, seq)
            if pulled.broke is not None:
                self._broke(pulled.broke)
            if pulled.seq == seq:
                break
            seq = pulled.seq
        for one in again:
            self._again(one)
        self._strays()
        with self.db.tx("worker", tenant=self.account.tenant_id) as tx:
            sampling.draw_due(tx, self.held.account_id, self.held.sample_n)

    def _broke(self, broke: Broke) -> None:
        """What came before it is kept; the message is counted, and after some tries passed over. Raises GatewayFailure: wait a while."""
        with self.db.tx("worker", tenant=self.account.tenant_id) as tx:
            quarantine.note(tx, self.account.id, broke)
        log.warning("archive_broke", account=str(self.account.id), seq=broke.seq, why=broke.why)
        raise GatewayFailure("later", broke.why)

    def _again(self, seq: int) -> None:
        """A message that was set aside and is asked for. Raises GatewayFailure where the library broke over it once more."""
        pulled = self.line.pull(seq - 1, 1)
        said = [one for one in pulled.said if one.seq == seq]
        consents = self._consents(said)
        with self.db.tx("worker", tenant=self.account.tenant_id) as tx:
            if said:
                done = keeping.keep(tx, self.account, self.held.rules(tx.zone), said, consents)
                strays.put(tx, self.account.id, done.strays)
                quarantine.settle(tx, self.account.id, seq, "read")
            elif pulled.broke is not None or pulled.unread:
                why = "no key opens it" if pulled.broke is None else pulled.broke.why
                quarantine.settle(tx, self.account.id, seq, "aside", why)
            else:
                quarantine.settle(tx, self.account.id, seq, "gone")
        if pulled.broke is not None:
            raise GatewayFailure("later", pulled.broke.why)

    def _keep(self, pulled: Pulled, before: int) -> None:
        consents = self._consents(pulled.said)
        with self.db.tx("worker", tenant=self.account.tenant_id) as tx:
            done = keeping.keep(tx, self.account, self.held.rules(tx.zone), pulled.said, consents)
            strays.put(tx, self.account.id, done.strays)
            quarantine.opened(tx, self.account.id, before, pulled.seq)
            self._forward(tx, before, pulled.seq, pulled.unread + done.unread, done.withheld)

    def _forward(self, tx: Tx, before: int, seq: int, unread: int, withheld: int) -> None:
        moved = tx.execute(
            _FORWARD,
            {
                "tenant": tx.tenant_id, "account": self.account.id, "holder": self.holder, "before": before, "seq": seq, "unread": unread,
                "withheld": withheld, "lease": LEASE,
            },
        )  # fmt: skip
        if not moved:
            raise Lost

    def _consents(self, said: Sequence[Said]) -> list[Consent]:
        """What the platform knows of talks whose consent nobody here knows. Asked before anything is kept, in no transaction."""
        pairs = sorted({(one.member, one.external) for one in said if one.what == "message"})
        with self.db.tx("worker", tenant=self.account.tenant_id) as tx:
            asked = keeping.without_consent(tx, self.account.id, pairs)
        found: list[Consent] = []
        for begin in range(0, len(asked), CONSENTS_AT_ONCE):
            found += self._agreed(asked[begin : begin + CONSENTS_AT_ONCE])
        return found

    def _agreed(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Consent]:
        """By halves where the platform refuses: one pair that it does not know stops nobody else's talk, and counts as no consent."""
        try:
            return self.line.consents(pairs)
        except GatewayFailure as failure:
            if failure.why not in {"refused", "gone"}:
                raise
            if len(pairs) == 1:
                log.warning(
                    "archive_consent_refused",
                    account=str(self.account.id),
                    member=pairs[0][0],
                    told=failure.told,
                    code=failure.code,
                )
                return []
            middle = len(pairs) // 2
            return [*self._agreed(pairs[:middle]), *self._agreed(pairs[middle:])]

    def _strays(self) -> None:
        """Messages of people who were not known when they came."""
        with self.db.tx("worker", tenant=self.account.tenant_id) as tx:
            said = strays.due(tx, self.account.id)
        if not said:
            return
        consents = self._consents(said)
        with self.db.tx("worker", tenant=self.account.tenant_id) as tx:
            done = keeping.keep(tx, self.account, self.held.rules(tx.zone), said, consents)
            left = {one.seq for one in done.strays}
            strays.drop(tx, self.account.id, [one.seq for one in said if one.seq not in left])


JOBS: Final = (Job("contact.archive", archive_round, interval_seconds=ROUND_SECONDS, during_clock=False),)
