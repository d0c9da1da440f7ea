"""A tenant's words: kept, asked about texts, noted where found."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.messaging.words.folding import fold
from tandem.domains.messaging.words.matching import Guard, Hit, Level, Word, worst, writings
from tandem.domains.messaging.words.starter import ADVERTISING
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.stream.rows import to_json

WORDS_MAX: Final = 5000
WRITINGS_MAX: Final = 60_000
"""All the writings of a tenant's words: what looking for them costs in memory and time, in a process that all tenants share."""
CHARACTERS_MAX: Final = 50
FORBIDDEN: Final = "forbidden_word:"
"""How the reason of a message begins that was held back; the word follows."""
LOOKED_BACK: Final = timedelta(days=30)
_KEPT_MAX: Final = 64
_guards: Final[OrderedDict[UUID, tuple[str, Guard]]] = OrderedDict()
_lock: Final = Lock()


@dataclass(frozen=True, slots=True)
class WordRow:
    """A word, and how often it was found within the last 30 days."""

    id: UUID
    word: str
    level: Level
    pinyin: bool
    homophones: bool
    hits: int
    created_at: datetime


_WORD: Final = """
select w.id, w.word, w.level, w.pinyin, w.homophones, coalesce(h.n, 0) as hits, w.created_at from guarded_word as w
left join (select word, count(*) as n from word_hit where tenant_id = %(tenant)s and at >= %(since)s group by word) as h on h.word = w.word
where w.tenant_id = %(tenant)s
"""


def list_words(
    tx: Tx, *, level: str | None, q: str | None, cursor: str | None, limit: int
) -> tuple[list[WordRow], str | None]:
    """A page of words, newest first. Raises InvalidInput for a cursor we did not make."""
    made, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        WordRow,
        f"""{_WORD} and (%(level)s::text is null or w.level = %(level)s)
        and (%(q)s::text is null or position(lower(%(q)s) in lower(w.word)) > 0)
        and (%(made)s::timestamptz is null or (w.created_at, w.id) < (%(made)s::timestamptz, %(last)s::uuid))
        order by w.created_at desc, w.id desc limit %(more)s""",
        _params(tx, level=level, q=q, made=made, last=last, more=limit + 1),
    )
    return page_of(rows, limit, "created_at", "id")


def get_word(tx: Tx, word_id: UUID) -> WordRow:
    """One word. Raises NotFound."""
    row = tx.maybe(WordRow, f"{_WORD} and w.id = %(id)s", _params(tx, id=word_id))
    if row is None:
        raise NotFound("no_such_word", "没有这个违禁词。", "There is no such word.")
    return row


def all_words(tx: Tx) -> list[Word]:
    """Every word, for whoever looks for them or hands them on."""
    return tx.all(
        Word,
        "select word, level, pinyin, homophones from guarded_word where tenant_id = %(tenant)s order by word",
        _params(tx),
    )


def add_words(tx: Tx, words: Iterable[str], level: Level, *, pinyin: bool = True) -> int:
    """Add words that are not there yet; returns how many. Raises InvalidInput (nothing to look for, too long), Conflict (too many)."""
    _alone(tx)
    clean = list(dict.fromkeys(" ".join(one.split()) for one in words))
    bad = [one for one in clean if not fold(one).text or len(one) > CHARACTERS_MAX]
    if bad or not clean:
        raise InvalidInput(
            "bad_word",
            f"违禁词要有文字，最长 {CHARACTERS_MAX} 个字。",
            f"A word has letters in it and at most {CHARACTERS_MAX} characters.",
            details=tuple(Detail("words", f"“{one[:20]}”不能用", f"{one[:20]!r} does not do") for one in bad[:20]),
        )
    there = tx.value("select count(*) from guarded_word where tenant_id = %(tenant)s", _params(tx))
    if there + len(clean) > WORDS_MAX:
        raise Conflict("too_many_words", f"最多 {WORDS_MAX} 个违禁词。", f"{WORDS_MAX} words at most.")
    added = tx.values(
        """
        insert into guarded_word (id, tenant_id, word, level, pinyin, created_at, updated_at)
        select n.id, %(tenant)s, n.word, %(level)s, %(pinyin)s, %(now)s, %(now)s from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, word text)
        on conflict (tenant_id, word) do nothing returning word
        """,
        _params(tx, level=level, pinyin=pinyin, rows=to_json([{"id": new_id(), "word": one} for one in clean])),
    )
    if added:
        _check_writings(tx)
    after = {"level": level, "words": sorted(added)[:50], "count": len(added)}
    audit.record(tx, "guarded_words.added", "guarded_word", tx.tenant_id, None, after)
    return len(added)


def add_starter(tx: Tx) -> int:
    """Add what the advertising law forbids; returns how many were new."""
    return add_words(tx, ADVERTISING, "block")


def change_word(
    tx: Tx, word_id: UUID, *, level: Level | None, pinyin: bool | None, homophones: bool | None = None
) -> None:
    """Give a word another level, or look for it differently. Raises NotFound, Conflict (too many writings)."""
    _alone(tx)
    before = get_word(tx, word_id)
    new = {
        "level": before.level if level is None else level,
        "pinyin": before.pinyin if pinyin is None else pinyin,
        "homophones": before.homophones if homophones is None else homophones,
    }
    tx.execute(
        """
        update guarded_word set level = %(level)s, pinyin = %(pinyin)s, homophones = %(homophones)s, updated_at = clock_timestamp()
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        _params(tx, id=word_id, **new),
    )
    if pinyin and not before.pinyin:
        _check_writings(tx)
    old, changed = audit.changes({name: getattr(before, name) for name in new}, new)
    audit.record(tx, "guarded_word.changed", "guarded_word", word_id, old, changed)


def remove_word(tx: Tx, word_id: UUID) -> None:
    """Take a word away. Raises NotFound."""
    before = get_word(tx, word_id)
    tx.execute("delete from guarded_word where tenant_id = %(tenant)s and id = %(id)s", _params(tx, id=word_id))
    audit.record(
        tx, "guarded_word.removed", "guarded_word", word_id, {"word": before.word, "level": before.level}, None
    )


def _alone(tx: Tx) -> None:
    """Nobody else changes the tenant's list meanwhile: what two add together is counted too."""
    tx.execute("select pg_advisory_xact_lock(hashtext('guarded_word'), hashtext(%(key)s))", {"key": str(tx.tenant_id)})


def _check_writings(tx: Tx) -> None:
    """Raise Conflict when the tenant's words are written in too many ways."""
    count = sum(len(writings(one)) for one in all_words(tx))
    if count > WRITINGS_MAX:
        raise Conflict(
            "too_many_writings",
            f"违禁词连同拼音写法共 {count} 种，最多 {WRITINGS_MAX} 种。请减少词，或对部分词关闭拼音。",
            f"With their spellings in pinyin these words are written in {count} ways, and {WRITINGS_MAX} at most are looked for. "
            "Take words away, or look for some of them without pinyin.",
        )


def guard_of(tx: Tx) -> Guard:
    """The tenant's words, ready to be looked for; one is kept for a tenant, and made again when the list has changed."""
    state = str(
        tx.value(
            "select count(*) || '|' || coalesce(max(updated_at)::text, '') from guarded_word where tenant_id = %(tenant)s",
            _params(tx),
        )
    )
    with _lock:
        kept = _guards.get(tx.tenant_id)
        if kept is not None and kept[0] == state:
            _guards.move_to_end(tx.tenant_id)
            return kept[1]
    made = Guard(all_words(tx))
    with _lock:
        _guards[tx.tenant_id] = (state, made)
        _guards.move_to_end(tx.tenant_id)
        while len(_guards) > _KEPT_MAX:
            _guards.popitem(last=False)
    return made


def deciding(guard: Guard, text: str) -> Hit | None:
    """What decides about a text: the first word that holds it back, else the first that is noted, else None."""
    return worst(guard.find(text))


def screen(tx: Tx, text: str) -> list[Hit]:
    """What a text says that it must not, or had better not."""
    return guard_of(tx).find(text)


def refuse(tx: Tx, text: str, field: str = "body") -> None:
    """Raise InvalidInput naming every word that would hold a text back: better now than when it is to be sent."""
    held = [one for one in screen(tx, text) if one.level == "block"]
    if held:
        raise InvalidInput(
            "forbidden_words",
            "文字里有违禁词，发送时会被拦下。",
            "The text says words that would hold it back.",
            details=tuple(
                Detail(f"{field}[{one.start}]", f"违禁词“{one.word}”", f"the word “{one.word}”") for one in held[:20]
            ),
        )


@dataclass(frozen=True, slots=True)
class Noted:
    """A text that said something: what decided about it, where it stood (`message`, `welcome`), the template's name."""

    hit: Hit
    place: str
    name: str


def note(tx: Tx, found: Sequence[Noted]) -> None:
    """Keep what was found, without the texts."""
    rows = [
        {
            "id": new_id(), "word": one.hit.word, "found": one.hit.found[: 2 * CHARACTERS_MAX], "level": one.hit.level, "place": one.place,
            "name": one.name,
        }
        for one in found
    ]  # fmt: skip
    if rows:
        tx.execute(
            """
            insert into word_hit (id, tenant_id, at, word, found, level, place, name)
            select n.id, %(tenant)s, %(now)s, n.word, n.found, n.level, n.place, n.name
            from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, word text, found text, level text, place text, name text)
            """,
            _params(tx, rows=to_json(rows)),
        )


@dataclass(frozen=True, slots=True)
class HitRow:
    """A text that said a word."""

    id: UUID
    at: datetime
    word: str
    found: str
    level: str
    place: str
    name: str


def list_hits(tx: Tx, *, cursor: str | None, limit: int) -> tuple[list[HitRow], str | None]:
    """A page of what was found, newest first. Raises InvalidInput for a cursor we did not make."""
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        HitRow,
        """
        select id, at, word, found, level, place, name from word_hit where tenant_id = %(tenant)s
          and (%(at)s::timestamptz is null or (at, id) < (%(at)s::timestamptz, %(last)s::uuid))
        order by at desc, id desc limit %(more)s
        """,
        _params(tx, at=at, last=last, more=limit + 1),
    )
    return page_of(rows, limit, "at", "id")


def _params(tx: Tx, **more: Any) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "now": tx.machine_now, "since": tx.machine_now - LOOKED_BACK, **more}
