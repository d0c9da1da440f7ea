"""Which article answers a question: pairs of neighbouring characters, rare ones weighing more, as in BM25. Pure.

No list of Chinese words is needed: a pair that stands in few articles says much, one that stands in all says nothing. A topic that is
recognised (`material.matching`) answers by itself, whatever the pairs say.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tandem.domains.contact.material.matching import plain

_RUNS: Final = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
#: What people say around a question and means nothing by itself.
_FILLERS: Final = re.compile(
    r"请问一下|请问|你好|您好|在吗|亲爱的|亲|老板|客服|我想问一下|我想问|想问|麻烦|谢谢|一下|你们家|你们|咱们家|咱们|呢|啊|呀|吗|么|嘛|哦|吧|了|的"
)
RECOGNISED: Final = 0.95
CLOSE: Final = 0.03
"""Two articles this close together are both possible: neither is sure."""


NEAR: Final = 0.2
"""What has less in common with a question is not even offered."""
OFFERED_MAX: Final = 4


@dataclass(frozen=True, slots=True)
class Known:
    """An article as questions are held against it."""

    id: UUID
    questions: Sequence[str]
    topic_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """How sure it is that an article answers: 0 to 1, by which of its wordings, and what both have in common."""

    id: UUID
    score: float
    question: str
    shared: tuple[str, ...]
    by_topic: bool = False


def terms(text: str) -> frozenset[str]:
    """The characters of a text, their pairs, and its Latin words and numbers."""
    found: set[str] = set()
    for run in _RUNS.findall(_FILLERS.sub(" ", plain(text))):
        if run.isascii():
            found.add(run)
        else:
            found.update(run)
            found.update(run[at : at + 2] for at in range(len(run) - 1))
    return frozenset(found)


class Shelf:
    """Articles ready to be asked."""

    def __init__(self, articles: Sequence[Known]) -> None:
        self.titles: Mapping[UUID, str] = {one.id: one.questions[0] for one in articles}
        self._wordings = [(one, question, terms(question)) for one in articles for question in one.questions]
        counts = Counter(term for _, _, found in self._wordings for term in found)
        size = max(1, len(self._wordings))
        self._weights: Mapping[str, float] = {
            term: math.log(1 + (size - count + 0.5) / (count + 0.5)) for term, count in counts.items()
        }
        # What no article ever says tells us little: it may be a name, or a word too many.
        self._unknown = 0.4 * math.log(1 + (size + 0.5) / 0.5)

    def _weight(self, found: frozenset[str]) -> float:
        return sum(self._weights.get(term, self._unknown) for term in found)

    def ask(self, text: str, topic: UUID | None = None, most: int = 5) -> list[Match]:
        """Articles that may answer, the surest first."""
        asked = terms(text)
        whole = self._weight(asked)
        best: dict[UUID, Match] = {}
        for article, question, wording in self._wordings:
            shared = asked & wording
            both = whole + self._weight(wording)
            # The harmonic mean of how much of the question is in the wording and how much of the wording in the question.
            score = 2 * self._weight(shared) / both if both else 0.0
            by_topic = topic is not None and article.topic_id == topic
            score = max(score, RECOGNISED) if by_topic else score
            if score > 0 and (article.id not in best or score > best[article.id].score):
                best[article.id] = Match(article.id, round(score, 4), question, tuple(sorted(shared)), by_topic)
        return sorted(best.values(), key=lambda one: (-one.score, str(one.id)))[:most]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is answered, or why nothing is: `sure`, `unsure`, `torn` between two, `nothing` like it. `near`: what may be offered instead."""

    why: str
    match: Match | None = None
    near: tuple[UUID, ...] = ()


def near(found: Sequence[Match]) -> tuple[UUID, ...]:
    """The articles that she may have meant, of those that came near. Pure."""
    return tuple(one.id for one in found if one.score >= NEAR)[:OFFERED_MAX]


def verdict(found: Sequence[Match], threshold: float) -> Verdict:
    """What to do with what was found."""
    if not found:
        return Verdict("nothing")
    first = found[0]
    if first.score < threshold:
        return Verdict("unsure")
    if (
        len(found) > 1
        and first.score - found[1].score < CLOSE
        and first.question != found[1].question
        and first.score < 1
    ):
        return Verdict("torn")
    return Verdict("sure", first)
