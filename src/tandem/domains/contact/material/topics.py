"""Topics that sentences of customers are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.domains.contact.material.matching import Topic
from tandem.domains.contact.material.service import get_material
from tandem.domains.contact.material.shapes import NewTopic
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, NotFound
from tandem.kernel.ids import new_id
from tandem.stream.rows import to_json

TOPICS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic."""

    id: UUID
    name: str
    groups: list[Any]
    but: list[str]
    questions_only: bool
    product: str
    material_id: UUID | None
    material: str | None
    active: bool


_TOPIC: Final = """
select t.id, t.name, t.groups, t.but, t.questions_only, t.product, t.material_id, m.name as material, t.active
from chat_topic as t left join material as m on m.tenant_id = %(tenant)s and m.id = t.material_id
where t.tenant_id = %(tenant)s
"""


def list_topics(tx: Tx) -> list[TopicRow]:
    """Topics by name."""
    return tx.all(TopicRow, f"{_TOPIC} order by t.name, t.id limit {TOPICS_MAX}", {"tenant": tx.tenant_id})


def live_topics(tx: Tx) -> list[Topic]:
    """Those that sentences are held against, oldest first."""
    rows = tx.all(TopicRow, f"{_TOPIC} and t.active order by t.created_at, t.id", {"tenant": tx.tenant_id})
    return [
        Topic(one.id, one.name, one.groups, one.but, one.questions_only, one.product, one.material_id) for one in rows
    ]


def get_topic(tx: Tx, topic_id: UUID) -> TopicRow:
    """One topic. Raises NotFound."""
    row = tx.maybe(TopicRow, f"{_TOPIC} and t.id = %(id)s", {"tenant": tx.tenant_id, "id": topic_id})
    if row is None:
        raise NotFound("no_such_topic", "没有这个问题主题。", "There is no such topic.")
    return row


def put_topic(tx: Tx, given: NewTopic, topic_id: UUID | None = None) -> UUID:
    """Write a topic. Raises NotFound, Conflict (name taken, too many)."""
    if given.material_id is not None:
        get_material(tx, given.material_id)
    params: dict[str, object] = {
        **given.model_dump(exclude={"groups"}), "groups": to_json(given.groups), "tenant": tx.tenant_id, "id": topic_id or new_id(),
        "at": tx.machine_now,
    }  # fmt: skip
    _check_name(tx, given.name, topic_id)
    if topic_id is None:
        if tx.value("select count(*) from chat_topic where tenant_id = %(tenant)s", params) >= TOPICS_MAX:
            raise Conflict("too_many", f"最多 {TOPICS_MAX} 个主题。", f"{TOPICS_MAX} topics at most.")
        tx.execute(
            """
            insert into chat_topic (id, tenant_id, name, groups, but, questions_only, product, material_id, active, created_at, updated_at)
            values (%(id)s, %(tenant)s, %(name)s, %(groups)s::jsonb, %(but)s::text[], %(questions_only)s, %(product)s, %(material_id)s, %(active)s,
              %(at)s, %(at)s)
            """,
            params,
        )
        audit.record(tx, "chat_topic.created", "chat_topic", params["id"], None, {"name": given.name})
    else:
        before = get_topic(tx, topic_id)
        tx.execute(
            """
            update chat_topic set name = %(name)s, groups = %(groups)s::jsonb, but = %(but)s::text[], questions_only = %(questions_only)s,
              product = %(product)s, material_id = %(material_id)s, active = %(active)s, updated_at = %(at)s
            where tenant_id = %(tenant)s and id = %(id)s
            """,
            params,
        )
        old, new = audit.changes(
            {"name": before.name, "groups": before.groups, "active": before.active},
            {"name": given.name, "groups": given.groups, "active": given.active},
        )
        audit.record(tx, "chat_topic.changed", "chat_topic", topic_id, old, new)
    return UUID(str(params["id"]))


def remove_topic(tx: Tx, topic_id: UUID) -> None:
    """Take a topic away. Raises NotFound."""
    before = get_topic(tx, topic_id)
    tx.execute(
        "delete from chat_topic where tenant_id = %(tenant)s and id = %(id)s", {"tenant": tx.tenant_id, "id": topic_id}
    )
    audit.record(tx, "chat_topic.removed", "chat_topic", topic_id, {"name": before.name}, None)


def _check_name(tx: Tx, name: str, but: UUID | None) -> None:
    if tx.value(
        "select 1 from chat_topic where tenant_id = %(tenant)s and name = %(name)s and id is distinct from %(but)s",
        {"tenant": tx.tenant_id, "name": name, "but": but},
    ):
        raise Conflict("topic_name_taken", f"已有名为“{name}”的主题。", f"There is already a topic called {name!r}.")
