"""The tags a tenant has: made, relabelled, retired. A computed tag stands on a hidden live segment of its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.errors import UniqueViolation

from tandem.access import audit
from tandem.catalog.model import Catalog
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.stream.segment import fill
from tandem.stream.segment import service as segments
from tandem.stream.segment.definitions import relatives
from tandem.stream.tags.service import clean


@dataclass(frozen=True, slots=True)
class TagLine:
    """A tag with the number of customers who have it."""

    name: str
    label: str
    kind: str
    expression: str | None
    colour: str | None
    count: int
    status: str
    created_at: datetime


_LINES: Final = """
select t.name, t.label, t.kind, t.expression, t.colour, t.created_at,
       (select count(*) from customer_tag as g where g.tenant_id = %(tenant)s and g.tag = t.name) as count,
       case when exists (
         select from stream_fanout as f
         where f.tenant_id = %(tenant)s and f.task = 'segment' and f.subject_id = t.segment_id and f.done_at is null)
       then 'filling' else 'ready' end as status
from tag as t where t.tenant_id = %(tenant)s
"""


def lines(tx: Tx) -> list[TagLine]:
    """Every tag of the tenant, by name."""
    return tx.all(TagLine, _LINES + " order by t.name", {"tenant": tx.tenant_id})


def get(tx: Tx, name: str) -> TagLine:
    """One tag. Raises NotFound."""
    found = tx.maybe(TagLine, _LINES + " and t.name = %(name)s", {"tenant": tx.tenant_id, "name": name})
    if found is None:
        raise NotFound("tag_not_found", "没有这个标签。", "There is no such tag.")
    return found


def create(
    tx: Tx,
    catalog: Catalog,
    name: str,
    *,
    label: str | None = None,
    expression: segments.Expression | None = None,
    colour: str | None = None,
) -> TagLine:
    """Make a tag; with an expression it is computed. Raises InvalidInput, ExpressionError, Conflict."""
    tag = clean(name)
    segment_id: UUID | None = None
    text: str | None = None
    if expression is not None:
        draft = segments.Draft(name=f"#{tag}", text=expression, tag=tag)
        made = segments.create(tx, catalog, draft)
        segment_id, text = made.id, made.text
    try:
        with tx.savepoint():
            tx.execute(
                """
                insert into tag (tenant_id, name, label, kind, expression, segment_id, colour, created_at, created_by)
                values (%(tenant)s, %(name)s, %(label)s, %(kind)s, %(expression)s, %(segment)s, %(colour)s, %(now)s, %(user)s)
                """,
                {
                    "tenant": tx.tenant_id,
                    "name": tag,
                    "label": (label or tag).strip(),
                    "kind": "manual" if segment_id is None else "computed",
                    "expression": text,
                    "segment": segment_id,
                    "colour": colour,
                    "now": tx.now,
                    "user": tx.user_id,
                },
            )
    except UniqueViolation as error:
        raise Conflict(
            "tag_taken",
            f"已经有标签“{tag}”。",
            f"There is already a tag “{tag}”.",
            details=(Detail("name", "名称重复", "name already taken"),),
        ) from error
    audit.record(tx, "tag.created", "tag", tag, None, {"name": tag, "expression": text})
    return get(tx, tag)


def change(
    tx: Tx,
    catalog: Catalog,
    name: str,
    *,
    label: str | None = None,
    expression: segments.Expression | None = None,
    colour: str | None = None,
) -> TagLine:
    """Relabel a tag, or give a computed one another expression. Raises NotFound, InvalidInput, ExpressionError."""
    before = get(tx, name)
    text = before.expression
    if expression is not None:
        text = segments.change(tx, catalog, _segment_of(tx, before), segments.Change(text=expression)).text
    tx.execute(
        """
        update tag set label = coalesce(%(label)s, label), colour = coalesce(%(colour)s, colour), expression = %(expression)s
        where tenant_id = %(tenant)s and name = %(name)s
        """,
        {
            "tenant": tx.tenant_id,
            "name": name,
            "label": label and label.strip(),
            "colour": colour,
            "expression": text,
        },
    )
    after = get(tx, name)
    names = [one for one in ("label", "colour", "expression") if getattr(before, one) != getattr(after, one)]
    audit.record(
        tx,
        "tag.changed",
        "tag",
        name,
        {one: getattr(before, one) for one in names},
        {one: getattr(after, one) for one in names},
    )
    return after


def retire(tx: Tx, catalog: Catalog, name: str) -> None:
    """Delete a tag and take it off everybody, bucket by bucket. Raises NotFound, Conflict while a segment asks for it."""
    before = get(tx, name)
    users = [one.name for one in relatives(tx, catalog) if name in one.meaning.tags]
    if users:
        listed = "、".join(users)
        raise Conflict("tag_in_use", f"这些分群正在使用它：{listed}。", f"These segments use it: {listed}.")
    subject = new_id() if before.kind == "manual" else _segment_of(tx, before)
    tx.execute(
        "delete from tag where tenant_id = %(tenant)s and name = %(name)s", {"tenant": tx.tenant_id, "name": name}
    )
    if before.kind == "computed":
        segments.archive(tx, catalog, subject)
    fill.start_clearing(tx, subject, name)
    audit.record(tx, "tag.retired", "tag", name, {"name": name, "expression": before.expression}, None)


def _segment_of(tx: Tx, line: TagLine) -> UUID:
    if line.kind != "computed":
        raise InvalidInput(
            "tag_manual",
            "手动标签没有规则。",
            "A tag set by hand has no rule.",
            details=(Detail("expression", "手动标签", "a manual tag"),),
        )
    found: UUID = tx.value(
        "select segment_id from tag where tenant_id = %(tenant)s and name = %(name)s",
        {"tenant": tx.tenant_id, "name": line.name},
    )
    return found
