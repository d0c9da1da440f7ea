"""Routes of materials, talk scripts and topics."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, LongLimit, Page, page_in_memory
from tandem.domains.contact.material import service, topics
from tandem.domains.contact.material.matching import asks, recognise
from tandem.domains.contact.material.shapes import (
    Approval,
    MaterialOut,
    NewMaterial,
    NewScript,
    NewTopic,
    Recognised,
    ScriptOut,
    Sentence,
    TopicOut,
)

router: Final = APIRouter(tags=["materials"])
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("material.write"))]
Approver = Annotated[Access, Depends(allowed("material.approve"))]


@router.get("/materials")
def list_materials(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[MaterialOut]:
    """Materials by folder and name."""
    with access.tx() as tx:
        rows, following = page_in_memory(service.list_materials(tx), cursor, limit, "id")
    return Page(items=[MaterialOut.model_validate(row) for row in rows], next=following)


@router.post("/materials", status_code=201)
def create_material(access: Writer, given: NewMaterial) -> MaterialOut:
    """Write a material; it can be used once somebody approved it."""
    with access.tx() as tx:
        return MaterialOut.model_validate(service.get_material(tx, service.put_material(tx, given)))


@router.put("/materials/{material_id}")
def change_material(access: Writer, material_id: UUID, given: NewMaterial) -> MaterialOut:
    """Change a material; it waits for approval again."""
    with access.tx() as tx:
        return MaterialOut.model_validate(service.get_material(tx, service.put_material(tx, given, material_id)))


@router.post("/materials/{material_id}/approve", status_code=204)
def approve_material(access: Approver, material_id: UUID, given: Approval) -> None:
    """Let a material be used. Nobody approves what she wrote."""
    with access.tx() as tx:
        service.rule(tx, "material", material_id, "approved", given.seen)


@router.delete("/materials/{material_id}", status_code=204)
def archive_material(access: Writer, material_id: UUID) -> None:
    """Put a material away; its links say that it is over."""
    with access.tx() as tx:
        service.rule(tx, "material", material_id, "archived")


@router.get("/talk-scripts")
def list_talk_scripts(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[ScriptOut]:
    """Talk scripts by folder, the most used first."""
    with access.tx() as tx:
        rows, following = page_in_memory(service.list_scripts(tx), cursor, limit, "id")
    return Page(items=[ScriptOut.model_validate(row) for row in rows], next=following)


@router.post("/talk-scripts", status_code=201)
def create_talk_script(access: Writer, given: NewScript) -> ScriptOut:
    """Write a script; advisers see it once somebody approved it."""
    with access.tx() as tx:
        return ScriptOut.model_validate(service.get_script(tx, service.put_script(tx, given)))


@router.put("/talk-scripts/{script_id}")
def change_talk_script(access: Writer, script_id: UUID, given: NewScript) -> ScriptOut:
    """Change a script; it waits for approval again."""
    with access.tx() as tx:
        return ScriptOut.model_validate(service.get_script(tx, service.put_script(tx, given, script_id)))


@router.post("/talk-scripts/{script_id}/approve", status_code=204)
def approve_talk_script(access: Approver, script_id: UUID, given: Approval) -> None:
    """Let advisers see a script. Nobody approves what she wrote."""
    with access.tx() as tx:
        service.rule(tx, "talk_script", script_id, "approved", given.seen)


@router.delete("/talk-scripts/{script_id}", status_code=204)
def archive_talk_script(access: Writer, script_id: UUID) -> None:
    """Put a script away."""
    with access.tx() as tx:
        service.rule(tx, "talk_script", script_id, "archived")


@router.get("/chat-topics")
def list_chat_topics(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[TopicOut]:
    """Topics that customers' messages are held against."""
    with access.tx() as tx:
        rows, following = page_in_memory(topics.list_topics(tx), cursor, limit, "id")
    return Page(items=[TopicOut.model_validate(row) for row in rows], next=following)


@router.post("/chat-topics", status_code=201)
def create_chat_topic(access: Writer, given: NewTopic) -> TopicOut:
    """Add a topic."""
    with access.tx() as tx:
        return TopicOut.model_validate(topics.get_topic(tx, topics.put_topic(tx, given)))


@router.post("/chat-topics/try")
def try_chat_topics(access: Reader, given: Sentence) -> Recognised:
    """What a sentence would be taken to be about."""
    with access.tx() as tx:
        found = recognise(given.text, topics.live_topics(tx))
        material = None if found is None or found.material_id is None else service.live_material(tx, found.material_id)
    return Recognised(
        topic_id=found.id if found else None,
        topic=found.name if found else None,
        material=material.name if material else None,
        question=asks(given.text),
    )


@router.put("/chat-topics/{topic_id}")
def change_chat_topic(access: Writer, topic_id: UUID, given: NewTopic) -> TopicOut:
    """Replace a topic."""
    with access.tx() as tx:
        return TopicOut.model_validate(topics.get_topic(tx, topics.put_topic(tx, given, topic_id)))


@router.delete("/chat-topics/{topic_id}", status_code=204)
def remove_chat_topic(access: Writer, topic_id: UUID) -> None:
    """Take a topic away."""
    with access.tx() as tx:
        topics.remove_topic(tx, topic_id)
