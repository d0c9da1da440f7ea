"""Inviters: a customer gets a code of her own, and the platform's follows within a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.catalog.label import Label
from tandem.domains.contact.gateway import CodeSpec, GatewayFailure, Line, Placed
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.radar.token import Link, sign
from tandem.domains.contact.referral.campaigns import ALL_BUCKETS, get_campaign
from tandem.domains.contact.referral.events import REFERRAL_BEGUN
from tandem.domains.contact.referral.verdict import state_of
from tandem.domains.messaging.service import Recipient, Values, offer_placeholders
from tandem.flow.module import Job
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Conflict
from tandem.kernel.ids import bucket_of, derived_id, new_id
from tandem.kernel.rounds import Rounds
from tandem.kernel.settings import settings
from tandem.kernel.turn import in_buckets
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.keys import tenant_keys
from tandem.stream.rows import to_json

KIND: Final = "referral_link"
LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 20
SLACK: Final = timedelta(minutes=5)
PAUSE_MAX: Final = timedelta(hours=1)
_ROUNDS: Final = Rounds("contact.inviters")
_PLACEHOLDER: Final = "referral.link"


def poster(tx: Tx, campaign: UUID, customer: UUID) -> str:
    """The address of a customer's poster."""
    token = sign(tenant_keys(tx), Link(tx.tenant_id, campaign, customer), KIND)
    return f"{(settings().public_url or '').rstrip('/')}/i/{token}"


def invite(tx: Tx, campaign_id: UUID, customer: UUID) -> str:
    """Let a customer invite; returns her poster's address. Once, however often it is asked. Raises NotFound, Conflict."""
    campaign = get_campaign(tx, campaign_id)
    if campaign.status != "running":
        raise Conflict("campaign_not_running", "活动没有在进行。", "The campaign is not running.")
    bucket = bucket_of(customer)
    in_buckets(tx.conn, [bucket])
    made = tx.execute(
        """
        insert into referral_inviter (bucket, id, tenant_id, customer_id, origin_id, campaign_id, state, began_at)
        values (%(bucket)s, %(id)s, %(tenant)s, %(customer)s, %(customer)s, %(campaign)s, %(state)s, %(now)s)
        on conflict do nothing
        """,
        {
            "bucket": bucket, "id": derived_id(campaign_id, customer), "tenant": tx.tenant_id, "customer": customer, "campaign": campaign_id,
            "state": state_of(campaign.code, customer), "now": tx.now,
        },
    )  # fmt: skip
    if made:
        event = NewEvent(
            type=REFERRAL_BEGUN, bucket=bucket, customer_id=customer, occurred_at=tx.now, payload={"campaign": campaign.name},
            event_id=derived_id(campaign_id, customer, REFERRAL_BEGUN),
        )  # fmt: skip
        emit(tx, [event])
        audit.record(tx, "referral_inviter.made", "referral_campaign", campaign_id, None, {"customer_id": customer})
    return poster(tx, campaign_id, customer)


def fill(tx: Tx, names: Sequence[str], recipients: Sequence[Recipient], values: Values) -> None:
    """`{{referral.link}}`: the poster of the campaign that the run let her join."""
    if _PLACEHOLDER not in names:
        return
    rows: list[tuple[UUID, UUID]] = tx.cursor(
        """
        select r.id, (r.vars -> 'memory' ->> 'campaign_id')::uuid from flow_run as r
        where r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.id = any(%(runs)s::uuid[])
          and r.vars -> 'memory' ->> 'campaign_id' is not null
        """,
        {
            "tenant": tx.tenant_id,
            "buckets": sorted({one.bucket for one in recipients}),
            "runs": [one.run_id for one in recipients],
        },
    ).fetchall()
    campaigns = dict(rows)
    for one in recipients:
        if one.run_id is not None and one.run_id in campaigns:
            values[one.message_id][_PLACEHOLDER] = poster(tx, campaigns[one.run_id], one.customer_id)


offer_placeholders("referral", fill, {_PLACEHOLDER: Label("邀请海报链接", "Link to her invitation poster")})


# ------------------------------------------------------------------------------------------------- the platform's codes


@dataclass(frozen=True, slots=True)
class _Wanted:
    bucket: int
    id: UUID
    state: str
    code_status: str
    due_at: datetime
    failures: int
    config_id: str | None
    account_id: UUID
    name: str
    members: list[str]


_TAKE: Final = """
with due as materialized (
  select bucket, id, code_status, due_at from referral_inviter
  where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and code_status in ('wanted', 'making', 'stuck', 'dropping')
    and due_at <= %(now)s
  order by due_at limit %(limit)s for update skip locked)
update referral_inviter as i set code_status = case when d.code_status = 'dropping' then 'dropping' else 'making' end, holder = %(holder)s,
  due_at = %(now)s::timestamptz + %(lease)s
from due as d, referral_campaign as c
where i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s and i.bucket = d.bucket and i.id = d.id
  and c.tenant_id = %(tenant)s and c.id = i.campaign_id
returning i.bucket, i.id, i.state, d.code_status, d.due_at, i.failures, i.config_id, c.account_id, c.name, c.members
"""


def make_codes(db: Database, tenant: UUID) -> int:
    """Ask the platform for the codes of inviters who have none, and take those of campaigns that are over away; returns how many."""
    holder = new_id()
    with db.tx("worker", tenant=tenant) as tx:
        end_over(tx)
        params: dict[str, Any] = {
            "tenant": tenant, "buckets": ALL_BUCKETS, "now": tx.machine_now, "limit": AT_ONCE, "lease": LEASE, "holder": holder,
        }  # fmt: skip
        wanted = tx.all(_Wanted, _TAKE, params)
    for account in sorted({one.account_id for one in wanted}):
        mine = [one for one in wanted if one.account_id == account]
        try:
            with line_of(db, tenant, account) as line:
                for one in mine:
                    if not _still_held(db, tenant, holder, one):
                        continue
                    (_drop if one.code_status == "dropping" else _make)(db, tenant, holder, line, one)
        except GatewayFailure as failure:
            for one in mine:
                _put_off(db, tenant, holder, one, failure)
    return len(wanted)


def end_over(tx: Tx) -> None:
    """Campaigns whose time is over end, and the codes of their inviters are taken away: a scan leads nowhere that counts."""
    ended = tx.values(
        """
        update referral_campaign set status = 'ended', updated_at = now() where tenant_id = %(tenant)s and status = 'running' and ends_at <= %(now)s
        returning id
        """,
        {"tenant": tx.tenant_id, "now": tx.now},
    )
    for campaign in ended:
        drop_codes(tx, campaign)


def drop_codes(tx: Tx, campaign: UUID) -> None:
    """Let the codes of a campaign's inviters be taken away."""
    tx.execute(
        """
        update referral_inviter set code_status = 'dropping', due_at = now(), failures = 0, problem = null, holder = null
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and campaign_id = %(id)s and code_status <> 'dropped'
        """,
        {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": campaign},
    )


def _still_held(db: Database, tenant: UUID, holder: UUID, one: _Wanted) -> bool:
    """Whether the code is still ours to ask for, for another minute: others may have been slow before it."""
    with db.tx("worker", tenant=tenant) as tx:
        return bool(
            tx.execute(
                """
                update referral_inviter set due_at = now() + %(lease)s where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
                  and id = %(id)s and holder = %(holder)s
                """,
                {"tenant": tenant, "buckets": ALL_BUCKETS, "id": one.id, "holder": holder, "lease": LEASE},
            )
        )


def _drop(db: Database, tenant: UUID, holder: UUID, line: Line, one: _Wanted) -> None:
    try:
        if one.config_id is not None:
            line.drop_code(one.config_id)
    except GatewayFailure as failure:
        if failure.why != "gone":
            _put_off(db, tenant, holder, one, failure)
            return
    _write(db, tenant, holder, one, "dropped", None, None, one.due_at)


def _make(db: Database, tenant: UUID, holder: UUID, line: Line, one: _Wanted) -> None:
    try:
        # Taken up again: whoever asked before may have got a code and died with it.
        placed = (
            line.find_code(one.state, one.due_at - LEASE - PAUSE_MAX - SLACK) if one.code_status == "making" else None
        )
        if placed is None:
            placed = line.put_code(None, CodeSpec(False, one.state, one.name, True, one.members))
    except GatewayFailure as failure:
        _put_off(db, tenant, holder, one, failure)
    else:
        _write(db, tenant, holder, one, "made", placed, None, one.due_at)


def _put_off(db: Database, tenant: UUID, holder: UUID, one: _Wanted, failure: GatewayFailure) -> None:
    # One that was perhaps made stays "making", so that it is looked for before another is asked for. What was refused is asked for
    # again, ever more seldom: advisers come back, and room is made.
    status = "stuck" if failure.why in {"refused", "full"} else "making" if failure.why == "lost" else "wanted"
    if one.code_status == "dropping":
        status = "dropping"
    with db.tx("worker", tenant=tenant) as tx:
        pause = min(
            PAUSE_MAX, timedelta(seconds=max(failure.retry_after_seconds or 0.0, 5.0 * 2 ** min(one.failures, 10)))
        )
        due = tx.machine_now + pause
    _write(db, tenant, holder, one, status, None, failure.problem(), due)


def _write(db: Database, tenant: UUID, holder: UUID, one: _Wanted, status: str, placed: Placed | None, problem: dict[str, Any] | None, due: datetime) -> None:  # fmt: skip
    with db.tx("worker", tenant=tenant) as tx:
        # A merge may have moved the row meanwhile: it is found by its state, wherever it is.
        tx.execute(
            """
            update referral_inviter set code_status = %(status)s, config_id = coalesce(%(config)s, config_id), qr_url = coalesce(%(qr)s, qr_url),
              problem = %(problem)s::jsonb, failures = case when %(problem)s::text is null then 0 else failures + 1 end, due_at = %(due)s, holder = null
            where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = %(id)s and state = %(state)s and holder = %(holder)s
            """,
            {
                "tenant": tenant, "buckets": ALL_BUCKETS, "id": one.id, "state": one.state, "status": status, "holder": holder,
                "config": placed.config_id if placed else None, "qr": placed.qr_url if placed else None,
                "problem": None if problem is None else to_json(problem), "due": due,
            },
        )  # fmt: skip


def code_round(db: Database) -> float:
    """Make codes for every tenant that wants some."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from referral_wanted_tenants()")]
    return 0.0 if _ROUNDS.each(tenants, lambda tenant: make_codes(db, tenant)) else 1.0


JOB: Final = Job("contact.inviters", code_round, interval_seconds=1.0)
