"""Routes of the knowledge base and the service desks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, model_validator

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.domains.contact.attending import desks, knowledge
from tandem.domains.contact.attending.shapes import (
    DeskChange,
    DeskFigures,
    DeskMessageOut,
    DeskOut,
    DeskTalkOut,
    KnowledgeArticleOut,
    KnowledgeTried,
    KnowledgeTry,
    Life,
    NearArticle,
    NewKnowledgeArticle,
)
from tandem.domains.contact.gateway import GatewayFailure
from tandem.kernel.errors import Conflict
from tandem.stream.customer.view import names

router: Final = APIRouter(tags=["contact"])
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("material.write"))]
Approver = Annotated[Access, Depends(allowed("material.approve"))]
Manager = Annotated[Access, Depends(allowed("contact.write"))]
Looker = Annotated[Access, Depends(allowed("archive.read"))]


class ArticleRuling(BaseModel):
    """What becomes of an article. `seen`: the `updated_at` of what was read, without which nothing is approved."""

    status: Literal["approved", "archived"]
    seen: datetime | None = None

    @model_validator(mode="after")
    def _was_read(self) -> ArticleRuling:
        if self.status == "approved" and self.seen is None:
            raise ValueError("say which version was read (seen)")
        return self


@router.get("/knowledge-articles")
def list_knowledge_articles(
    access: Reader,
    q: Annotated[str | None, Query(max_length=100)] = None,
    status: Life | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[KnowledgeArticleOut]:
    """Articles, the last changed first; those put away only when asked for."""
    with access.tx() as tx:
        rows, following = knowledge.list_articles(tx, q=q, status=status, cursor=cursor, limit=limit)
    return Page(items=[KnowledgeArticleOut.model_validate(row) for row in rows], next=following)


@router.post("/knowledge-articles", status_code=201)
def create_knowledge_article(access: Writer, given: NewKnowledgeArticle) -> KnowledgeArticleOut:
    """Write an article; somebody approves it before it answers."""
    with access.tx() as tx:
        return KnowledgeArticleOut.model_validate(knowledge.get_article(tx, knowledge.put_article(tx, given)))


@router.put("/knowledge-articles/{article_id}")
def change_knowledge_article(access: Writer, article_id: UUID, given: NewKnowledgeArticle) -> KnowledgeArticleOut:
    """Change an article; it waits for approval again."""
    with access.tx() as tx:
        knowledge.put_article(tx, given, article_id)
        return KnowledgeArticleOut.model_validate(knowledge.get_article(tx, article_id))


@router.post("/knowledge-articles/{article_id}/ruling")
def rule_knowledge_article(access: Approver, article_id: UUID, given: ArticleRuling) -> KnowledgeArticleOut:
    """Approve an article, or put it away. Nobody approves what she wrote."""
    with access.tx() as tx:
        knowledge.rule(tx, article_id, given.status, given.seen)
        return KnowledgeArticleOut.model_validate(knowledge.get_article(tx, article_id))


@router.delete("/knowledge-articles/{article_id}", status_code=204)
def archive_knowledge_article(access: Writer, article_id: UUID) -> None:
    """Put an article away: desks answer with it no more."""
    with access.tx() as tx:
        knowledge.rule(tx, article_id, "archived")


@router.post("/knowledge-articles/try")
def try_knowledge(access: Reader, given: KnowledgeTry) -> KnowledgeTried:
    """What would be answered to a question, and why."""
    with access.tx() as tx:
        found, near = knowledge.judge(tx, given.text, given.threshold)
        rows = {one.id: knowledge.get_article(tx, one.id) for one in near}
    return KnowledgeTried(
        why=found.why,  # pyright: ignore[reportArgumentType]  one of the four
        answer=None if found.match is None else rows[found.match.id].answer,
        near=[
            NearArticle(
                article_id=one.id, title=rows[one.id].title, question=one.question, score=one.score, shared=list(one.shared), by_topic=one.by_topic
            )
            for one in near
        ],
    )  # fmt: skip


@router.get("/service-desks")
def list_service_desks(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[DeskOut]:
    """Accounts of customer service, and how they serve."""
    with access.tx() as tx:
        rows, following = page_in_memory(desks.list_desks(tx), cursor, limit, "id")
    return Page(items=[DeskOut.model_validate(row) for row in rows], next=following)


@router.post("/service-desks/read", status_code=202)
def read_service_desks(access: Manager) -> Page[DeskOut]:
    """Ask the platform which accounts of customer service there are."""
    try:
        desks.read_desks(access.db, access.tenant_id)
    except GatewayFailure as failure:
        raise Conflict(
            "platform_said_no", f"企业微信没有回答：{failure.told}", f"The platform did not answer: {failure.told}"
        ) from failure
    with access.tx() as tx:
        audit.record(tx, "service_desk.read", "service_desk", access.tenant_id)
        rows, following = page_in_memory(desks.list_desks(tx), None, 1000, "id")
    return Page(items=[DeskOut.model_validate(row) for row in rows], next=following)


@router.patch("/service-desks/{desk_id}")
def change_service_desk(access: Manager, desk_id: UUID, given: DeskChange) -> DeskOut:
    """Say when a desk serves and how it answers."""
    with access.tx() as tx:
        desks.change_desk(tx, desk_id, given)
        return DeskOut.model_validate(desks.get_desk(tx, desk_id))


@router.get("/desk-talks")
def list_desk_talks(
    access: Looker, which: Literal["all", "asked", "late"] = "all", cursor: Cursor = None, limit: Limit = 50
) -> Page[DeskTalkOut]:
    """Talks at desks, the latest first; `asked`: those that wait for a person."""
    with access.tx() as tx:
        rows, following = desks.list_talks(tx, which=which, cursor=cursor, limit=limit)
    return Page(items=_talks(access, rows), next=following)


@router.get("/desk-talks/figures")
def desk_figures(access: Looker, days: Annotated[int, Query(ge=1, le=90)] = 7) -> DeskFigures:
    """What the desks did in the last days, and who waits now."""
    with access.tx() as tx:
        return DeskFigures(**desks.figures(tx, days))


@router.get("/desk-talks/{talk_id}")
def get_desk_talk(access: Looker, talk_id: UUID) -> DeskTalkOut:
    """One talk."""
    with access.tx() as tx:
        row = desks.get_talk(tx, talk_id)
    return _talks(access, [row])[0]


@router.get("/desk-talks/{talk_id}/messages")
def list_desk_messages(access: Looker, talk_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Page[DeskMessageOut]:
    """What was said, the latest first. Every look is on the trail."""
    with access.tx() as tx:
        rows, following = desks.messages(tx, talk_id, cursor=cursor, limit=limit)
    return Page(
        items=[DeskMessageOut.model_validate(row, from_attributes=True) for row in rows],
        next=following,
    )


def _talks(access: Access, rows: list[desks.TalkRow]) -> list[DeskTalkOut]:
    called = names(access, [row.customer_id for row in rows])
    return [
        DeskTalkOut.model_validate(
            {name: getattr(row, name) for name in desks.TalkRow.__slots__} | {"customer": called.get(row.customer_id)}
        )
        for row in rows
    ]
