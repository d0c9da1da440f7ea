"""The rule of `policy.py` as SQL over rows `r`: what both the block's fragment and the release step ask. A test proves the two agree."""

from dataclasses import dataclass
from typing import Final

from tandem.domains.messaging.policy import CAP_MAX

_WINDOWS: Final = (("per_day", "1 day"), ("per_week", "7 days"), ("per_month", "30 days"))
NOW: Final = "%(now)s::timestamptz"


@dataclass(frozen=True, slots=True)
class Allowance:
    """`joins` go after `<input> r`; `columns` (refusal text, quiet and free timestamptz) stand under names with the given prefix."""

    joins: str
    columns: dict[str, str]
    prefix: str

    def until(self, row: str = "r") -> str:
        """When a row may go that is held back, null when it may go now."""
        return f"greatest({row}.{self.prefix}quiet, {row}.{self.prefix}free)"

    def reason(self, row: str = "r") -> str:
        """Why a row is held back or refused, null when it goes."""
        quiet, free, refusal = (f"{row}.{self.prefix}{name}" for name in ("quiet", "free", "refusal"))
        return (
            f"coalesce({refusal}, case when {free} is not null and ({quiet} is null or {free} > {quiet}) then 'capped' "
            f"when {quiet} is not null then 'quiet_hours' end)"
        )

    def ruling(self, when_capped: str, row: str = "r") -> str:
        """`send`, `hold` or `skip`; `when_capped` is SQL text giving hold or skip."""
        return f"case when {row}.{self.prefix}refusal is not null then 'skip' when {self.until(row)} is null then 'send' else {when_capped} end"


def allowance(
    prefix: str, *, template: str | None, channel: str, marketing: str, zone: str, exclude: str = ""
) -> Allowance:
    """The questions for rows with bucket, id and customer_id.

    `template` is SQL for the template's id (None: what is sent has none), `channel` for the way it goes (consent is asked for that),
    `marketing` a SQL boolean, `zone` a SQL text; `exclude` is SQL that keeps the row's own earlier booking out of the count
    (`and o.id <> r.id`).
    """
    templated = (
        ""
        if template is None
        else f"left join message_template as {prefix}t on {prefix}t.tenant_id = %(tenant)s and {prefix}t.id = {template}\n"
    )
    joins = f"""
left join customer as {prefix}c on {prefix}c.bucket = r.bucket
  and {prefix}c.tenant_id = %(tenant)s and {prefix}c.id = r.customer_id
{templated}left join consent_rule as {prefix}q on {prefix}q.tenant_id = %(tenant)s and {prefix}q.channel = {channel}
left join lateral (
  select l.state from consent_log as l
  where l.bucket = r.bucket and l.tenant_id = %(tenant)s and l.customer_id = r.customer_id and l.purpose = 'marketing'
    and l.channel in ({channel}, '*') and {marketing}
  order by l.at desc, l.state = 'withdrawn' desc limit 1) as {prefix}k on true
left join frequency_cap as {prefix}f on {prefix}f.tenant_id = %(tenant)s
left join lateral (
  select array_agg(k.booked_at order by k.booked_at desc) as times
  from (select o.booked_at from outbox_message as o
        where o.bucket = r.bucket and o.tenant_id = %(tenant)s
          and o.customer_id = r.customer_id and o.booked_at > {NOW} - interval '30 days' {exclude} and {marketing}
        order by o.booked_at desc limit {CAP_MAX}) as k) as {prefix}b on true
"""
    return Allowance(
        joins=joins,
        columns={
            f"{prefix}refusal": _refusal(prefix, marketing, templated=template is not None),
            f"{prefix}quiet": f"case when {marketing} then {_quiet(prefix, zone)} end",
            f"{prefix}free": f"case when {marketing} then {_free(prefix, marketing)} end",
        },
        prefix=prefix,
    )


def _refusal(p: str, marketing: str, *, templated: bool) -> str:
    archived = f"when {p}t.id is null or {p}t.archived_at is not null then 'template_archived' " if templated else ""
    return (
        f"case when {p}c.id is null then 'no_customer' {archived}"
        f"when {marketing} and {p}c.do_not_contact then 'do_not_contact' "
        f"when {marketing} and {p}k.state = 'withdrawn' then 'consent_withdrawn' "
        f"when {marketing} and {p}q.mode = 'opt_in' and {p}k.state is distinct from 'granted' then 'no_consent' end"
    )


def _quiet(p: str, zone: str) -> str:
    local = f"({NOW} at time zone {zone})"
    start, end = f"{p}f.quiet_from", f"{p}f.quiet_until"
    inside = (
        f"case when {start} < {end} then {local}::time >= {start} and {local}::time < {end} "
        f"when {start} > {end} then {local}::time >= {start} or {local}::time < {end} end"
    )
    next_day = f"case when {start} > {end} and {local}::time >= {start} then 1 else 0 end"
    return f"case when {inside} then ({local}::date + {next_day} + {end}) at time zone {zone} end"


def _free(p: str, marketing: str) -> str:
    # Messages of the same customer that come before this one in the batch; PostgreSQL arrays count from one.
    ahead = f"(row_number() over (partition by r.bucket, r.customer_id, {marketing} order by r.id) - 1)::int"
    parts = [
        f"case when {ahead} >= {p}f.{name} then {NOW} + interval '{window}' "
        f"else {p}b.times[{p}f.{name} - {ahead}] + interval '{window}' end"
        for name, window in _WINDOWS
    ]
    latest = f"greatest({', '.join(parts)})"
    return f"case when {latest} > {NOW} then {latest} end"
