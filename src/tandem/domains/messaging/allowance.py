"""The rule of `policy.py` as SQL over rows `r`: what both the block's fragment and the release step ask. A test proves the two agree."""

from collections.abc import Mapping
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
    `marketing` a SQL boolean, `zone` a SQL text; `exclude` is SQL that keeps earlier bookings of these very rows `o` out of the count.
    """
    templated = (
        ""
        if template is None
        else f"left join message_template as {prefix}t on {prefix}t.tenant_id = %(tenant)s and {prefix}t.id = {template}\n"
    )
    joins = f"""
{_customer(prefix)}
{templated}left join consent_rule as {prefix}q on {prefix}q.tenant_id = %(tenant)s and {prefix}q.channel = {channel}
left join lateral ({_consent(channel, marketing)}) as {prefix}k on true
left join frequency_cap as {prefix}f on {prefix}f.tenant_id = %(tenant)s
left join lateral (select array({_booked(marketing, exclude)}) as times) as {prefix}b on true
"""
    archived = "" if template is None else f"{prefix}t.id is null or {prefix}t.archived_at is not null"
    # Messages of the same customer that come before this one in the batch.
    ahead = f"(row_number() over (partition by r.bucket, r.customer_id, {marketing} order by r.id) - 1)::int"
    return Allowance(
        joins=joins,
        columns={
            f"{prefix}refusal": _refusal(prefix, marketing, archived, f"{prefix}q.mode", f"{prefix}k.state"),
            f"{prefix}quiet": f"case when {marketing} then {_quiet(f'{prefix}f', zone)} end",
            f"{prefix}free": f"case when {marketing} then {_free(f'{prefix}f', f'{prefix}b', ahead)} end",
        },
        prefix=prefix,
    )


def allowance_of_batch(
    prefix: str,
    *,
    template: str,
    channel: str,
    marketing: bool,
    zone: str,
    joins: str = "",
    more: Mapping[str, str] | None = None,
) -> Allowance:
    """The same for a batch that gets one and the same message: what is one for all is asked once, not for each row.

    Its joins give the columns (and `more`, SQL over what is joined here and by `joins`) as the row `<prefix>x`, and the template as
    `<prefix>s`. Whether one customer is in the batch more than once is looked up first: hardly ever is anybody.
    """
    asked, ahead, booked = "", "null::int", "select null::timestamptz[] as times, null::text as state"
    if marketing:
        asked = f"cross join (with found as materialized ({_REPEATED}) select * from found) as {prefix}a\n"
        ahead = f"coalesce(({prefix}a.ahead ->> r.id::text)::int, 0)"
        capped = f"coalesce({prefix}s.per_day, {prefix}s.per_week, {prefix}s.per_month) is not null"
        booked = f"select case when {capped} then array({_booked('true', '')}) end as times, ({_consent(channel, 'true')}) as state"
    sure = str(marketing).lower()
    free = _free(f"{prefix}s", f"{prefix}b", ahead) if marketing else "null::timestamptz"
    columns = {
        f"{prefix}refusal": _refusal(prefix, sure, f"{prefix}s.archived", f"{prefix}s.mode", f"{prefix}b.state"),
        f"{prefix}quiet": f"{prefix}s.quiet" if marketing else "null::timestamptz",
        f"{prefix}free": free,
        **(more or {}),
    }
    shown = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    joined = f"""
{_customer(prefix)}
cross join (with found as materialized ({_once(prefix, template, channel, zone)}) select * from found) as {prefix}s
{asked}cross join lateral ({booked} offset 0) as {prefix}b
{joins}
cross join lateral (select {shown} offset 0) as {prefix}x
"""
    return Allowance(joins=joined, columns={name: f"{prefix}x.{name}" for name in columns}, prefix=prefix)


def _once(p: str, template: str, channel: str, zone: str) -> str:
    """The tenant's settings for one message: always one row."""
    return (
        f"select {p}t.id is null or {p}t.archived_at is not null as archived, {p}t.required, {p}t.name, {p}q.mode,"
        f" {p}f.per_day, {p}f.per_week, {p}f.per_month, {_quiet(f'{p}f', zone)} as quiet from (select 1) as one"
        f" left join message_template as {p}t on {p}t.tenant_id = %(tenant)s and {p}t.id = {template}"
        f" left join consent_rule as {p}q on {p}q.tenant_id = %(tenant)s and {p}q.channel = {channel}"
        f" left join frequency_cap as {p}f on {p}f.tenant_id = %(tenant)s"
    )


#: Run -> how many messages of the same customer come before its own in the batch; null where nobody is in it twice.
_REPEATED: Final = (
    "select jsonb_object_agg(q.id, q.n) as ahead from ("
    "select r.id, row_number() over (partition by r.bucket, r.customer_id order by r.id) - 1 as n from {input} as r"
    " where exists (select from {input} as o group by o.bucket, o.customer_id having count(*) > 1)) as q where q.n > 0"
)


def _customer(p: str) -> str:
    return f"left join customer as {p}c on {p}c.bucket = r.bucket\n  and {p}c.tenant_id = %(tenant)s and {p}c.id = r.customer_id"


def _consent(channel: str, marketing: str) -> str:
    """Her last word on marketing by a channel; of two at one moment the one that takes back. Nothing is sorted for it, once a customer."""
    return (
        "select case when w.given is null or w.taken >= w.given then case when w.taken is not null then 'withdrawn' end else 'granted' end as state"
        " from (select max(l.at) filter (where l.state = 'withdrawn') as taken, max(l.at) filter (where l.state = 'granted') as given"
        " from consent_log as l where l.bucket = r.bucket and l.tenant_id = %(tenant)s and l.customer_id = r.customer_id"
        f" and l.purpose = 'marketing' and l.channel in ({channel}, '*') and {marketing}) as w"
    )


def _booked(marketing: str, exclude: str) -> str:
    """The moments of her counted messages, latest first."""
    return (
        "select o.booked_at from outbox_message as o where o.bucket = r.bucket and o.tenant_id = %(tenant)s"
        f" and o.customer_id = r.customer_id and o.booked_at > {NOW} - interval '30 days' {exclude} and {marketing}"
        f" order by o.booked_at desc limit {CAP_MAX}"
    )


def _refusal(p: str, marketing: str, archived: str, mode: str, state: str) -> str:
    withdrawn = f"when {archived} then 'template_archived' " if archived else ""
    return (
        f"case when {p}c.id is null then 'no_customer' {withdrawn}"
        f"when {marketing} and {p}c.do_not_contact then 'do_not_contact' "
        f"when {marketing} and {state} = 'withdrawn' then 'consent_withdrawn' "
        f"when {marketing} and {mode} = 'opt_in' and {state} is distinct from 'granted' then 'no_consent' end"
    )


def _quiet(limits: str, zone: str) -> str:
    local = f"({NOW} at time zone {zone})"
    start, end = f"{limits}.quiet_from", f"{limits}.quiet_until"
    inside = (
        f"case when {start} < {end} then {local}::time >= {start} and {local}::time < {end} "
        f"when {start} > {end} then {local}::time >= {start} or {local}::time < {end} end"
    )
    next_day = f"case when {start} > {end} and {local}::time >= {start} then 1 else 0 end"
    return f"case when {inside} then ({local}::date + {next_day} + {end}) at time zone {zone} end"


def _free(limits: str, booked: str, ahead: str) -> str:
    # PostgreSQL arrays count from one.
    parts = [
        f"case when {ahead} >= {limits}.{name} then {NOW} + interval '{window}' "
        f"else {booked}.times[{limits}.{name} - {ahead}] + interval '{window}' end"
        for name, window in _WINDOWS
    ]
    return f"nullif(greatest({', '.join(parts)}, {NOW}), {NOW})"
