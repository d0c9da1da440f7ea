"""The knowledge base: questions in several wordings and their answers, written, approved by somebody, used until they expire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.attending.matching import Known, Match, Shelf, Verdict, verdict
from tandem.domains.contact.attending.shapes import Life, NewKnowledgeArticle
from tandem.domains.contact.material.matching import Topic, recognise
from tandem.domains.contact.material.second import DRAFTED, changed, refuse_own
from tandem.domains.contact.material.service import get_material
from tandem.domains.contact.material.topics import get_topic, live_topics
from tandem.domains.contact.radar.links import address
from tandem.domains.contact.radar.token import Link
from tandem.domains.messaging.service import words
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, NotFound
from tandem.kernel.ids import new_id

KEPT_MAX: Final = 2000
OFFER: Final = "您想问的是不是下面这些？点一下就好："
OFFER_PERSON: Final = "都不是，找人工"
POLITE: Final = "您好，这个问题我需要请同事来回答，已经帮您转接，稍后会有人回复您。"
_LIVE: Final = "status = 'approved' and (expires_on is null or expires_on >= (%(now)s at time zone %(zone)s)::date)"


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article."""

    id: UUID
    title: str
    category: str
    questions: list[str]
    answer: str
    material_id: UUID | None
    material: str | None
    topic_id: UUID | None
    topic: str | None
    status: Life
    expires_on: date | None
    used: int
    updated_at: datetime
    drafted_by: list[UUID]
    own: bool
    """The transaction's person wrote of it since it was approved last."""


_ARTICLE: Final = """
select a.id, a.title, a.category, a.questions, a.answer, a.material_id, m.name as material, a.topic_id, t.name as topic, a.status, a.expires_on, a.used,
  a.updated_at, a.drafted_by, coalesce(%(me)s::uuid = any(a.drafted_by), false) as own
from knowledge_article as a
left join material as m on m.tenant_id = %(tenant)s and m.id = a.material_id
left join chat_topic as t on t.tenant_id = %(tenant)s and t.id = a.topic_id
where a.tenant_id = %(tenant)s
"""


def _now(tx: Tx, **more: object) -> dict[str, object]:
    return {"tenant": tx.tenant_id, "now": tx.now, "zone": str(tx.zone), "me": tx.user_id, **more}


def list_articles(
    tx: Tx, *, q: str | None, status: str | None, cursor: str | None, limit: int
) -> tuple[list[ArticleRow], str | None]:
    """A page of articles, the last changed first."""
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        ArticleRow,
        f"""
        {_ARTICLE} and (%(status)s::text is null and a.status <> 'archived' or a.status = %(status)s)
          and (%(q)s::text is null or a.title ilike %(q)s or a.answer ilike %(q)s or array_to_string(a.questions, ' ') ilike %(q)s)
          and (%(at)s::timestamptz is null or (a.updated_at, a.id) < (%(at)s, %(last)s::uuid))
        order by a.updated_at desc, a.id desc limit %(more)s
        """,
        _now(tx, status=status, q=f"%{q}%" if q else None, at=at, last=last, more=limit + 1),
    )
    return page_of(rows, limit, "updated_at", "id")


def get_article(tx: Tx, article_id: UUID) -> ArticleRow:
    """One article. Raises NotFound."""
    row = tx.maybe(ArticleRow, f"{_ARTICLE} and a.id = %(id)s", _now(tx, id=article_id))
    if row is None:
        raise NotFound("no_such_article", "没有这条知识。", "There is no such article.")
    return row


def put_article(tx: Tx, given: NewKnowledgeArticle, article_id: UUID | None = None) -> UUID:
    """Write an article; one that is changed waits for approval again. Raises InvalidInput, NotFound, Conflict."""
    words.refuse(tx, given.answer, "answer")
    if given.material_id is not None:
        get_material(tx, given.material_id)
    if given.topic_id is not None:
        get_topic(tx, given.topic_id)
    params = _now(tx, **given.model_dump(), id=article_id or new_id(), user=tx.user_id, at=tx.machine_now)
    if article_id is None:
        count: int = tx.value("select count(*) from knowledge_article where tenant_id = %(tenant)s", params)
        if count >= KEPT_MAX:
            raise Conflict("too_many", f"最多 {KEPT_MAX} 条知识。", f"{KEPT_MAX} articles at most.")
        tx.execute(
            """
            insert into knowledge_article (id, tenant_id, title, category, questions, answer, material_id, topic_id, expires_on, written_by, drafted_by,
              created_at, updated_at)
            values (%(id)s, %(tenant)s, %(title)s, %(category)s, %(questions)s::text[], %(answer)s, %(material_id)s, %(topic_id)s, %(expires_on)s,
              %(user)s, array_remove(array[%(user)s::uuid], null), %(at)s, %(at)s)
            """,
            params,
        )
        audit.record(tx, "knowledge_article.created", "knowledge_article", params["id"], None, {"title": given.title})
        return UUID(str(params["id"]))
    before = get_article(tx, article_id)
    tx.execute(
        f"""
        update knowledge_article set title = %(title)s, category = %(category)s, questions = %(questions)s::text[], answer = %(answer)s,
          material_id = %(material_id)s, topic_id = %(topic_id)s, expires_on = %(expires_on)s, status = 'draft', written_by = %(user)s,
          {DRAFTED}, approved_by = null, updated_at = %(at)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        params,
    )
    old, new = audit.changes(
        {"title": before.title, "answer": before.answer}, {"title": given.title, "answer": given.answer}
    )
    audit.record(tx, "knowledge_article.changed", "knowledge_article", article_id, old, new | {"status": "draft"})
    return article_id


def rule(tx: Tx, article_id: UUID, status: Life, seen: datetime | None = None) -> None:
    """Approve an article, or put it away; `seen`: as `second.refuse_own`. Raises NotFound, Forbidden for one's own, Conflict."""
    before = get_article(tx, article_id)
    if status == "approved":
        refuse_own(tx, before.drafted_by, before.updated_at, seen)
    done = tx.execute(
        """
        update knowledge_article set status = %(status)s, approved_by = %(by)s, updated_at = %(at)s,
          drafted_by = case when %(status)s = 'approved' then '{}'::uuid[] else drafted_by end
        where tenant_id = %(tenant)s and id = %(id)s and (%(status)s <> 'approved' or updated_at = %(was)s)
        """,
        _now(
            tx, id=article_id, status=status, by=tx.user_id if status == "approved" else None, at=tx.machine_now, was=before.updated_at
        ),
    )  # fmt: skip
    if not done:
        raise changed()
    told = {"status": before.status}, {"status": status}
    audit.record(tx, f"knowledge_article.{status}", "knowledge_article", article_id, *told)


# ----------------------------------------------------------------------------------------------------------- answering


@lru_cache(maxsize=200)
def _shelf(articles: tuple[Known, ...]) -> Shelf:
    return Shelf(articles)


def _known(tx: Tx) -> Shelf:
    rows = tx.cursor(
        f"select id, title, questions, topic_id from knowledge_article where tenant_id = %(tenant)s and {_LIVE} order by id",
        _now(tx),
    ).fetchall()
    articles = tuple(Known(row[0], (row[1], *row[2]), row[3]) for row in rows)
    return _shelf(articles)


class Judge:
    """Judges the questions of one transaction: articles and topics are read once, and only when something is asked."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._read: tuple[Shelf, list[Topic]] | None = None

    def _known(self) -> tuple[Shelf, list[Topic]]:
        if self._read is None:
            self._read = _known(self._tx), live_topics(self._tx)
        return self._read

    def titles(self) -> Mapping[UUID, str]:
        """What the articles that may answer today are called."""
        return self._known()[0].titles

    def __call__(self, text: str, threshold: float) -> tuple[Verdict, list[Match]]:
        """What would be answered to a question, and what came near."""
        shelf, topics = self._known()
        topic = recognise(text, topics)
        found = shelf.ask(text, None if topic is None else topic.id)
        return verdict(found, threshold), found


def judge(tx: Tx, text: str, threshold: float) -> tuple[Verdict, list[Match]]:
    """One question alone."""
    return Judge(tx)(text, threshold)


def words_of(tx: Tx, article_id: UUID, customer: UUID) -> str:
    """An article's answer as a customer reads it, with a link of her own to its material where that may be shown today."""
    row = get_article(tx, article_id)
    if row.material_id is None:
        return row.answer
    live: Any = tx.value(
        f"select 1 from material where tenant_id = %(tenant)s and id = %(id)s and {_LIVE}", _now(tx, id=row.material_id)
    )
    return f"{row.answer}\n{address(tx, Link(tx.tenant_id, row.material_id, customer, ''))}" if live else row.answer
