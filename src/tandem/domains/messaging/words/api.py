"""Routes of the words that messages must not say."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page
from tandem.access.shapes import Body
from tandem.domains.messaging.words import service

router: Final = APIRouter(tags=["messages"])
Reader = Annotated[Access, Depends(allowed("message.read"))]
Writer = Annotated[Access, Depends(allowed("message.write"))]
Level = Literal["block", "warn", "allow"]
WordText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=service.CHARACTERS_MAX)]


class _Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class GuardedWordOut(_Row):
    """A word; `hits` within the last 30 days. `homophones`: found by its sound too, which is noted and holds nothing back."""

    id: UUID
    word: str
    level: Level
    pinyin: bool
    homophones: bool
    hits: int
    created_at: datetime


class NewGuardedWords(Body):
    """Words to add. `allow`: phrases inside of which nothing is found. `pinyin`: find them spelt in Latin letters too."""

    words: Annotated[list[WordText], Field(min_length=1, max_length=1000)]
    level: Level = "block"
    pinyin: bool = True


class WordsAdded(BaseModel):
    """How many of them were new."""

    added: int


class GuardedWordChange(Body):
    """What to change; absent keys stay."""

    level: Level | None = None
    pinyin: bool | None = None
    homophones: bool | None = None


class TextToTry(Body):
    """A text to look at."""

    text: Annotated[str, StringConstraints(max_length=5000)]


class WordFound(_Row):
    """A word and where the text says it: from `start` up to `end`, in characters."""

    word: str
    level: Literal["block", "warn"]
    start: int
    end: int
    found: str


class TextTried(BaseModel):
    """What would become of the text."""

    outcome: Literal["sent", "noted", "held_back"]
    words: list[WordFound]


class WordHitOut(_Row):
    """A text that said a word, and where it stood."""

    id: UUID
    at: datetime
    word: str
    found: str
    level: Literal["block", "warn"]
    place: str
    name: str


@router.get("/guarded-words")
def list_guarded_words(
    access: Reader,
    *,
    level: Level | None = None,
    q: Annotated[str | None, Query(max_length=50)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[GuardedWordOut]:
    """Words that messages must not say, newest first."""
    with access.tx() as tx:
        rows, following = service.list_words(tx, level=level, q=q, cursor=cursor, limit=limit)
    return Page(items=[GuardedWordOut.model_validate(row) for row in rows], next=following)


@router.post("/guarded-words", status_code=201)
def add_guarded_words(access: Writer, given: NewGuardedWords) -> WordsAdded:
    """Add words; those that are there stay as they are."""
    with access.tx() as tx:
        return WordsAdded(added=service.add_words(tx, given.words, given.level, pinyin=given.pinyin))


@router.post("/guarded-words/starter", status_code=201)
def add_starter_words(access: Writer) -> WordsAdded:
    """Add what the advertising law forbids."""
    with access.tx() as tx:
        return WordsAdded(added=service.add_starter(tx))


@router.post("/guarded-words/try")
def try_guarded_words(access: Reader, given: TextToTry) -> TextTried:
    """What would become of a text."""
    with access.tx() as tx:
        guard = service.guard_of(tx)
    hits = guard.find(given.text)
    held = any(one.level == "block" for one in hits)
    return TextTried(
        outcome="held_back" if held else "noted" if hits else "sent",
        words=[WordFound.model_validate(one) for one in hits],
    )


@router.patch("/guarded-words/{word_id}")
def change_guarded_word(access: Writer, word_id: UUID, given: GuardedWordChange) -> GuardedWordOut:
    """Give a word another level, or look for it differently."""
    with access.tx() as tx:
        service.change_word(tx, word_id, level=given.level, pinyin=given.pinyin, homophones=given.homophones)
        return GuardedWordOut.model_validate(service.get_word(tx, word_id))


@router.delete("/guarded-words/{word_id}", status_code=204)
def remove_guarded_word(access: Writer, word_id: UUID) -> None:
    """Take a word away."""
    with access.tx() as tx:
        service.remove_word(tx, word_id)


@router.get("/word-hits")
def list_word_hits(access: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[WordHitOut]:
    """Texts that said such words, newest first."""
    with access.tx() as tx:
        rows, following = service.list_hits(tx, cursor=cursor, limit=limit)
    return Page(items=[WordHitOut.model_validate(row) for row in rows], next=following)
