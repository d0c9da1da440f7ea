"""Words that are looked for in talks: the same finder as forbidden words have, with lists of its own, each for what one side says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.archive.events import KEYWORD_HIT
from tandem.domains.contact.archive.folding import Talk
from tandem.domains.contact.archive.ports import Said
from tandem.domains.messaging.words.service import Guard, Word
from tandem.kernel.db import Tx
from tandem.kernel.ids import derived_id
from tandem.stream.events import BACKFILL, LIVE, NewEvent
from tandem.stream.rows import to_json

FRESH: Final = timedelta(hours=48)
"""What was said longer ago is history: flows are not started by it (ENGINE_RULES 11)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of words."""

    id: UUID
    name: str
    said_by: str
    level: str
    words: list[str]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A message that was kept."""

    talk: Talk
    message_id: UUID
    said: Said


_LISTS: Final = """
select id, name, said_by, level, words, updated_at from inspection_list where tenant_id = %(tenant)s and active order by id
"""
_PUT: Final = """
insert into inspection_hit (tenant_id, bucket, id, customer_id, origin_id, talk_id, message_id, list_id, word, said_by, member, level, at)
select %(tenant)s, n.* from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, talk_id uuid,
  message_id uuid, list_id uuid, word text, said_by text, member text, level text, at timestamptz)
on conflict do nothing
"""


@lru_cache(maxsize=500)
def _guard(words: tuple[str, ...]) -> Guard:
    return Guard([Word(one, "warn") for one in words])


def watch(tx: Tx, seen: Sequence[Seen]) -> list[NewEvent]:
    """Write down what these messages say of watched words; returns what flows are told."""
    lists = tx.all(Listed, _LISTS, {"tenant": tx.tenant_id}) if any(one.said.text for one in seen) else []
    rows: list[dict[str, Any]] = []
    news: list[NewEvent] = []
    for one, listed, word in _found(seen, lists):
        row = _row(one, listed, word)
        rows.append(row)
        if listed.level == "alarm":
            news.append(_event(tx, one, listed, word, row["id"]))
    if rows:
        tx.execute(_PUT, {"tenant": tx.tenant_id, "rows": to_json(rows)})
    return news


def _found(seen: Sequence[Seen], lists: Sequence[Listed]) -> Iterator[tuple[Seen, Listed, str]]:
    """Each word once for a message."""
    for one in seen:
        for listed in lists:
            if listed.said_by == one.said.by and one.said.text:
                for word in dict.fromkeys(hit.word for hit in _guard(tuple(listed.words)).find(one.said.text)):
                    yield one, listed, word


def _row(one: Seen, listed: Listed, word: str) -> dict[str, Any]:
    talk = one.talk
    return {
        "bucket": talk.bucket, "id": derived_id(one.message_id, listed.id, word), "customer_id": talk.customer_id, "origin_id": talk.origin_id,
        "talk_id": talk.id, "message_id": one.message_id, "list_id": listed.id, "word": word, "said_by": one.said.by, "member": talk.member,
        "level": listed.level, "at": one.said.at,
    }  # fmt: skip


def _event(tx: Tx, one: Seen, listed: Listed, word: str, hit: UUID) -> NewEvent:
    return NewEvent(
        type=KEYWORD_HIT,
        bucket=one.talk.bucket,
        customer_id=one.talk.customer_id,
        origin_id=one.talk.origin_id,
        occurred_at=one.said.at,
        payload={"list": listed.name, "word": word, "said_by": one.said.by, "member": one.talk.member},
        event_id=derived_id(hit, KEYWORD_HIT),
        mode=LIVE if one.said.at > tx.now - FRESH else BACKFILL,
    )
