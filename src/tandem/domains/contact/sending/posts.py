"""Posts for moments: the platform makes them in its own time, staff publish them, customers react."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.media import lending
from tandem.domains.contact.sending import settling
from tandem.domains.contact.sending.door import file_reactions
from tandem.domains.contact.sending.holding import SETTLE, SLACK, Held, Work, write
from tandem.domains.contact.sending.ports import PostSpec, Reaction, Words
from tandem.kernel.db import Tx
from tandem.stream.rows import to_json

SOON: Final = timedelta(seconds=10)
READ_AGAIN: Final = timedelta(minutes=10)
JOB_LASTS: Final = timedelta(hours=24)
"""For so long the platform answers for its own work on a post."""


def make(work: Work) -> None:
    """Bring a post's making on: asked for, worked on there, made. What was never answered is looked for before it is asked again."""
    one = work.one
    spec = PostSpec(work.words, one.members, _tags(work))
    if one.job_ref is not None and one.asked_at is not None and one.machine_now < one.asked_at + JOB_LASTS:
        post = work.line.post_made(one.job_ref)
        with work.db.tx("worker", tenant=work.tenant) as tx:
            write(tx, work, state=None if post is None else "made", ref=post, due=SOON)
        return
    if one.asked_at is not None:
        with work.db.tx("worker", tenant=work.tenant) as tx:
            known = tx.values(
                "select ref from mass_send_task where tenant_id = %(tenant)s and account_id = %(account)s and ref is not null",
                {"tenant": work.tenant, "account": one.account_id},
            )
        post = work.line.find_post(spec, one.asked_at - SLACK, known)
        if post is not None or one.machine_now < one.asked_at + SETTLE:
            with work.db.tx("worker", tenant=work.tenant) as tx:
                write(tx, work, state=None if post is None else "made", ref=post, due=SOON if post else SETTLE)
            return
        if one.cancel_wanted:
            settling.give_up(work)
            return
    carried = lending.ready(work.db, work.tenant, one.account_id, work.line, one.attachments, post=True)
    if one.tags and not spec.tags:
        # Made without them it would be seen by everybody.
        with work.db.tx("worker", tenant=work.tenant) as tx:
            write(tx, work, state="refused", due=None, problem=GatewayFailure("refused", "tags are gone", "tags_gone"))
        return
    if not settling.asks(work):
        return
    try:
        job = work.line.post(replace(spec, words=Words(one.body, carried)))
    except GatewayFailure as failure:
        with work.db.tx("worker", tenant=work.tenant) as tx:
            final = failure.why in {"refused", "full", "gone"}
            if failure.why in {"later", "set_up"}:
                tx.execute(
                    "update mass_send_task set asked_at = null where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s",
                    {"tenant": work.tenant, "id": one.id, "holder": work.holder},
                )
            write(tx, work, state="refused" if final else None, due=None if final else SOON, problem=failure)
        return
    with work.db.tx("worker", tenant=work.tenant) as tx:
        write(tx, work, job=job, due=timedelta(seconds=2))


def _tags(work: Work) -> list[str]:
    """The platform's ids of the tags that see a post, as they are now."""
    if not work.one.tags:
        return []
    with work.db.tx("worker", tenant=work.tenant) as tx:
        return tx.values(
            """
            select tag_id from platform_tag where tenant_id = %(tenant)s and account_id = %(account)s and id = any(%(ids)s::uuid[])
              and status = 'there' and tag_id is not null order by 1
            """,
            {"tenant": work.tenant, "account": work.one.account_id, "ids": work.one.tags},
        )


def read(work: Work) -> None:
    """Who published, and what customers made of it, until the platform tells no more."""
    one = work.one
    ref = one.ref or ""
    if one.cancel_wanted:
        try:
            work.line.cancel_post(ref)
        except GatewayFailure as failure:
            if failure.why not in {"gone", "refused"}:
                raise
    rows: list[dict[str, object]] = []
    reacted: dict[str, Sequence[Reaction]] = {}
    for row in work.line.published(ref):
        told = work.line.reactions(ref, row.member) if row.done else None
        reacted[row.member] = told.customers if told else ()
        rows.append(
            {
                "member": row.member,
                "published": row.done,
                "likes": told.likes if told else 0,
                "comments": told.comments if told else 0,
            }
        )
    over = one.machine_now >= (one.made_at or one.machine_now) + timedelta(days=one.keep_days)
    with work.db.tx("worker", tenant=work.tenant) as tx:
        tx.execute(
            """
            insert into mass_send_post (tenant_id, mass_send_id, member, published, likes, comments)
            select %(tenant)s, %(send)s, n.member, n.published, n.likes, n.comments
            from jsonb_to_recordset(%(rows)s::jsonb) as n(member text, published boolean, likes int, comments int)
            on conflict (tenant_id, mass_send_id, member) do update set published = excluded.published, likes = excluded.likes,
              comments = excluded.comments
            """,
            {"tenant": work.tenant, "send": one.mass_send_id, "rows": to_json(rows)},
        )
        _file(tx, one, reacted)
        state = "cancelled" if one.cancel_wanted else "done" if over else "made"
        confirmed = bool(rows) and all(row["published"] for row in rows)
        write(tx, work, state=state, due=READ_AGAIN if state == "made" else None, read=True, confirmed=confirmed)


def _file(tx: Tx, one: Held, reacted: Mapping[str, Sequence[Reaction]]) -> None:
    """File reactions that are later than those filed already; around the last one again, for two may be of one second."""
    params = {"tenant": tx.tenant_id, "send": one.mass_send_id}
    rows = tx.cursor(
        "select member, reacted_at from mass_send_post where tenant_id = %(tenant)s and mass_send_id = %(send)s", params
    ).fetchall()
    filed: dict[str, datetime | None] = dict(rows)
    name: str = tx.value("select name from mass_send where tenant_id = %(tenant)s and id = %(send)s", params)
    for member, told in reacted.items():
        last = filed.get(member)
        fresh = [each for each in told if last is None or each.at >= last - SLACK]
        if not fresh or (last is not None and max(each.at for each in fresh) == last and len(fresh) == 1):
            continue
        file_reactions(tx, one.source, one.mass_send_id, member, name, fresh)
        tx.execute(
            """
            update mass_send_post set reacted_at = %(at)s
            where tenant_id = %(tenant)s and mass_send_id = %(send)s and member = %(member)s
            """,
            params | {"member": member, "at": max(each.at for each in fresh)},
        )
