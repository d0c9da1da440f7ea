"""Lists of watched words, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.archive.reading import ALL_BUCKETS
from tandem.domains.contact.archive.shapes import InspectionHitChange, NewInspectionList
from tandem.domains.contact.attending.sealing import Seals
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, NotFound
from tandem.kernel.ids import new_id

LISTS_MAX: Final = 50
CONTEXT: Final = 24
"""Characters on either side of a word."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list of words."""

    id: UUID
    name: str
    said_by: str
    level: str
    words: list[str]
    active: bool
    hits30: int


def list_lists(tx: Tx) -> list[ListRow]:
    """Lists by name."""
    return tx.all(
        ListRow,
        """
        select l.id, l.name, l.said_by, l.level, l.words, l.active,
          (select count(*) from inspection_hit as h where h.bucket = any(%(buckets)s::smallint[]) and h.tenant_id = %(tenant)s and h.list_id = l.id
            and h.at >= %(since)s) as hits30
        from inspection_list as l where l.tenant_id = %(tenant)s order by l.name, l.id limit 100
        """,
        {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "since": tx.now - timedelta(days=30)},
    )


def put_list(tx: Tx, given: NewInspectionList, list_id: UUID | None = None) -> ListRow:
    """Write a list; it is looked for in what is said from now on. Raises NotFound, Conflict."""
    known = {one.id: one for one in list_lists(tx)}
    if list_id is not None and list_id not in known:
        raise NotFound("no_such_list", "没有这个词表。", "There is no such list of words.")
    if any(one.name == given.name and one.id != list_id for one in known.values()):
        raise Conflict(
            "list_name_taken", f"已有名为“{given.name}”的词表。", f"There is already a list called {given.name!r}."
        )
    if list_id is None and len(known) >= LISTS_MAX:
        raise Conflict("too_many", f"最多 {LISTS_MAX} 个词表。", f"{LISTS_MAX} lists at most.")
    made = list_id or new_id()
    told = given.model_dump() | {"words": list(dict.fromkeys(given.words))}
    tx.execute(
        """
        insert into inspection_list (id, tenant_id, name, said_by, level, words, active, updated_at)
        values (%(id)s, %(tenant)s, %(name)s, %(said_by)s, %(level)s, %(words)s::text[], %(active)s, %(at)s)
        on conflict (id) do update set name = excluded.name, said_by = excluded.said_by, level = excluded.level, words = excluded.words,
          active = excluded.active, updated_at = excluded.updated_at
        """,
        {**told, "id": made, "tenant": tx.tenant_id, "at": tx.machine_now},
    )
    before = known.get(made)
    old = None if before is None else {name: getattr(before, name) for name in told}
    action = "inspection_list.created" if before is None else "inspection_list.changed"
    audit.record(tx, action, "inspection_list", made, old, told)
    return next(one for one in list_lists(tx) if one.id == made)


def remove_list(tx: Tx, list_id: UUID) -> None:
    """Look for these words no more; what was found stays. Raises NotFound."""
    if not tx.execute(
        "delete from inspection_list where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": list_id},
    ):
        raise NotFound("no_such_list", "没有这个词表。", "There is no such list of words.")
    audit.record(tx, "inspection_list.removed", "inspection_list", list_id)


# ----------------------------------------------------------------------------------------------------------------- hits


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    talk_id: UUID
    customer_id: UUID
    member: str
    adviser: str
    said_by: str
    list: str
    word: str
    level: str
    at: datetime
    state: str
    note: str
    handled_by: str | None
    handled_at: datetime | None
    origin_id: UUID
    text_enc: bytes | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A watched word that was said."""

    row: _Row
    context: str


_HITS: Final = """
select h.id, h.talk_id, h.customer_id, h.member, coalesce(a.name, h.member) as adviser, h.said_by, coalesce(l.name, '') as list, h.word, h.level,
  h.at, h.state, h.note, u.name as handled_by, h.handled_at, m.origin_id, m.text_enc
from inspection_hit as h
join archive_talk as t on t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.bucket = h.bucket and t.id = h.talk_id
  and t.consent = 'agreed'
join archive_message as m on m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.bucket = h.bucket and m.id = h.message_id
  and m.at = h.at
left join inspection_list as l on l.tenant_id = %(tenant)s and l.id = h.list_id
left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = t.account_id and a.member = h.member
left join staff_user as u on u.tenant_id = %(tenant)s and u.id = h.handled_by
where h.bucket = any(%(buckets)s::smallint[]) and h.tenant_id = %(tenant)s
"""


def list_hits(
    tx: Tx, *, state: str | None, said_by: str | None, cursor: str | None, limit: int
) -> tuple[list[Hit], str | None]:
    """A page of hits, the latest first, each with what stands around the word. The look is on the trail."""
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        _Row,
        f"""
        {_HITS} and (%(state)s::text is null or h.state = %(state)s) and (%(said_by)s::text is null or h.said_by = %(said_by)s)
          and (%(at)s::timestamptz is null or (h.at, h.id) < (%(at)s, %(last)s::uuid))
        order by h.at desc, h.id desc limit %(more)s
        """,
        {
            "tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "state": state, "said_by": said_by, "at": at, "last": last, "more": limit + 1,
        },
    )  # fmt: skip
    shown, following = page_of(rows, limit, "at", "id")
    if shown:
        audit.record(tx, "inspection_hit.read", "inspection_hit", tx.tenant_id, None, {"hits": len(shown)})
    seals = Seals(tx, [one.origin_id for one in shown])
    return [Hit(one, around(seals.open(one.origin_id, one.text_enc), one.word)) for one in shown], following


def around(text: str, word: str) -> str:
    """A word and what stands around it; where it is written otherwise, the beginning. Pure."""
    at = text.casefold().find(word.casefold())
    if at < 0:
        return text[: 2 * CONTEXT] + ("…" if len(text) > 2 * CONTEXT else "")
    begin, end = max(0, at - CONTEXT), min(len(text), at + len(word) + CONTEXT)
    return ("…" if begin else "") + text[begin:end] + ("…" if end < len(text) else "")


def settle_hit(tx: Tx, hit_id: UUID, given: InspectionHitChange) -> Hit:
    """Say what was done about a hit. Raises NotFound."""
    changed = tx.execute(
        """
        update inspection_hit set state = %(state)s, note = %(note)s, handled_by = %(user)s, handled_at = %(at)s
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = %(id)s
        """,
        {
            "tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": hit_id, "state": given.state, "note": given.note, "user": tx.user_id,
            "at": tx.machine_now,
        },
    )  # fmt: skip
    row = tx.maybe(_Row, f"{_HITS} and h.id = %(id)s", {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": hit_id})
    if not changed or row is None:
        raise NotFound("no_such_hit", "没有这条命中记录。", "There is no such hit.")
    audit.record(tx, f"inspection_hit.{given.state}", "inspection_hit", hit_id, None, {"state": given.state})
    return Hit(row, around(Seals(tx, [row.origin_id]).open(row.origin_id, row.text_enc), row.word))
