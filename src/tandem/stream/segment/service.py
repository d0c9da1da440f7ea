"""Segments as people handle them: make, change, look up, preview, list members, explain."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.catalog.builder import from_json, to_json
from tandem.catalog.checker import Checked
from tandem.catalog.label import Label
from tandem.catalog.model import Catalog
from tandem.catalog.text import to_text
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound, TandemError
from tandem.kernel.ids import new_id
from tandem.stream.places.known import refuse_unknown
from tandem.stream.segment import fill, lists
from tandem.stream.segment.definitions import prefix_of, refuse_circle, relatives
from tandem.stream.segment.meaning import checked, described, meaning_of

Kind = Literal["live", "static", "list"]
NAME_CHARACTERS_MAX: Final = 100
Expression = str | Mapping[str, Any]
"""A segment's expression: its text, or the visual builder's tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A segment to be made. A list means who was put on it, and takes no expression; the others need one."""

    name: str
    text: Expression | None
    kind: Kind = "live"
    description: str = ""
    tag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What to change of a segment; None leaves as it is. A changed text makes a new version."""

    name: str | None = None
    description: str | None = None
    text: Expression | None = None


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """A segment with how full it is. ``status``: "filling" until everybody has been judged by ``version``, then "ready"."""

    id: UUID
    name: str
    description: str
    kind: str
    tag: str | None
    version: int
    text: str
    tree: dict[str, Any]
    count: int
    seen: int
    status: str
    as_of: datetime | None
    problem: str | None
    created_at: datetime
    updated_at: datetime


_LINES: Final = """
select s.id, s.name, s.description, s.kind, s.tag, s.version, v.text, v.tree,
       (select count(*) from segment_member as m where m.tenant_id = %(tenant)s and m.segment_id = s.id) as count,
       f.seen, case when s.problem is not null then 'failed' when f.waiting then 'filling' else 'ready' end as status,
       f.done_at as as_of, s.problem, s.created_at, s.updated_at
from segment as s
join segment_version as v on v.tenant_id = %(tenant)s and v.segment_id = s.id and v.number = s.version
cross join lateral (
  select coalesce(sum(seen), 0)::bigint as seen, coalesce(bool_or(done_at is null), false) as waiting, max(done_at) as done_at
  from stream_fanout where tenant_id = %(tenant)s and subject_id = s.id and task = 'segment') as f
where s.tenant_id = %(tenant)s and s.archived_at is null
"""


def create(tx: Tx, catalog: Catalog, draft: Draft) -> SegmentLine:
    """Make a segment and file the work that judges everybody by it.

    Raises ExpressionError, InvalidInput for a name or a circle, Conflict for a name that is taken.
    """
    name = _name(draft.name)
    segment_id = new_id()
    found = read(catalog, _meant(draft, segment_id))
    _check_relatives(tx, catalog, segment_id, found, draft.tag)
    params = {
        "tenant": tx.tenant_id,
        "id": segment_id,
        "name": name,
        "description": draft.description.strip(),
        "kind": draft.kind,
        "tag": draft.tag,
        "now": tx.now,
        "user": tx.user_id,
    }
    with _taken_name(name), tx.savepoint():
        tx.execute(
            """
            insert into segment (tenant_id, id, name, description, kind, tag, version, created_at, created_by, updated_at)
            values (%(tenant)s, %(id)s, %(name)s, %(description)s, %(kind)s, %(tag)s, 1, %(now)s, %(user)s, %(now)s)
            """,
            params,
        )
    _write_version(tx, segment_id, 1, found)
    audit.record(
        tx, "segment.created", "segment", segment_id, None, {"name": name, "text": found.text, "kind": draft.kind}
    )
    return get(tx, segment_id)


def change(tx: Tx, catalog: Catalog, segment_id: UUID, wanted: Change) -> SegmentLine:
    """Change a segment; another text becomes a new version by which everybody is judged anew.

    Raises what ``create`` raises, and NotFound.
    """
    before = get(tx, segment_id, lock=True)
    name = before.name if wanted.name is None else _name(wanted.name)
    found = None if wanted.text is None else read(catalog, wanted.text)
    is_new = found is not None and found.text != before.text
    if is_new and before.kind == "list":
        raise InvalidInput(
            "segment_is_list",
            "名单由人增减，没有条件；要用条件请新建分群。",
            "A list holds whom people put on it and has no expression; make a segment for that.",
            details=(Detail("text", "名单不能有条件", "a list takes no expression"),),
        )
    version = before.version + is_new
    if found is not None and is_new:
        _check_relatives(tx, catalog, segment_id, found, before.tag)
        _write_version(tx, segment_id, version, found)
    description = before.description if wanted.description is None else wanted.description.strip()
    with _taken_name(name), tx.savepoint():
        tx.execute(
            """
            update segment set name = %(name)s, description = %(description)s, version = %(version)s, problem = null, updated_at = %(now)s
            where tenant_id = %(tenant)s and id = %(id)s
            """,
            {
                "tenant": tx.tenant_id,
                "id": segment_id,
                "name": name,
                "description": description,
                "version": version,
                "now": tx.now,
            },
        )
    after = get(tx, segment_id)
    audit.record(tx, "segment.changed", "segment", segment_id, *_differences(before, after))
    return after


def archive(tx: Tx, catalog: Catalog, segment_id: UUID) -> None:
    """Take a segment out of use: nobody enters or leaves it any more. Raises Conflict while another segment asks it."""
    before = get(tx, segment_id, lock=True)
    users = [one.name for one in relatives(tx, catalog) if segment_id in one.meaning.segments]
    if users:
        raise Conflict(
            "segment_in_use",
            f"其他分群正在引用它：{'、'.join(users)}。",
            f"Other segments refer to it: {', '.join(users)}.",
            details=tuple(Detail("segment", one, one) for one in users),
        )
    params = {"tenant": tx.tenant_id, "id": segment_id, "now": tx.now}
    tx.execute("update segment set archived_at = %(now)s where tenant_id = %(tenant)s and id = %(id)s", params)
    fill.start_clearing(tx, segment_id)
    audit.record(tx, "segment.archived", "segment", segment_id, {"name": before.name, "text": before.text}, None)


def get(tx: Tx, segment_id: UUID, *, lock: bool = False) -> SegmentLine:
    """One segment. Raises NotFound."""
    found = tx.maybe(
        SegmentLine,
        _LINES + " and s.id = %(id)s" + (" for update of s" if lock else ""),
        {"tenant": tx.tenant_id, "id": segment_id},
    )
    if found is None:
        raise NotFound("segment_not_found", "没有这个分群。", "There is no such segment.")
    return found


def lines(tx: Tx, *, q: str | None = None, after: str | None = None, limit: int = 50) -> list[SegmentLine]:
    """Segments people made, by name, at most ``limit`` after the name ``after``."""
    return tx.all(
        SegmentLine,
        _LINES
        + """ and s.tag is null and (%(q)s::text is null or strpos(lower(s.name), lower(%(q)s)) > 0)
              and (%(after)s::text is null or s.name > %(after)s) order by s.name limit %(limit)s""",
        {"tenant": tx.tenant_id, "q": q, "after": after, "limit": limit},
    )


def plain(catalog: Catalog, line: SegmentLine, zone: str) -> Label | None:
    """What a segment means as a sentence; None for a list, and where the expression no longer compiles."""
    return None if line.kind == "list" else sentence(catalog, line.text, zone)


def sentence(catalog: Catalog, text: str, zone: str) -> Label | None:
    """What a kept expression means as a sentence; None where it no longer compiles."""
    try:
        return described(catalog, text, zone)
    except TandemError:
        return None


def read(catalog: Catalog, expression: Expression) -> Checked:
    """Check an expression given as text or as the builder's tree. Raises ExpressionError with every mistake."""
    return checked(catalog, expression if isinstance(expression, str) else to_text(from_json(expression)))


def _meant(draft: Draft, segment_id: UUID) -> Expression:
    if draft.kind == "list" and draft.text is None:
        return lists.meaning(segment_id)
    if draft.kind == "list" or draft.text is None:
        zh, en = (
            ("名单不能有条件", "a list takes no expression")
            if draft.text
            else ("请给出条件", "an expression is needed")
        )
        raise InvalidInput(
            "segment_text",
            f"分群“{draft.name}”：{zh}。",
            f"Segment “{draft.name}”: {en}.",
            details=(Detail("text", zh, en),),
        )
    return draft.text


def _check_relatives(tx: Tx, catalog: Catalog, segment_id: UUID, found: Checked, tag: str | None) -> None:
    others = relatives(tx, catalog)
    meaning = meaning_of(found, tx.zone, prefix_of(segment_id))
    unknown = meaning.segments - {one.id for one in others} - {segment_id}
    if unknown:
        names = "、".join(sorted(str(one) for one in unknown))
        raise InvalidInput("segment_unknown", f"没有这些分群：{names}", f"There are no such segments: {names}")
    refuse_circle(segment_id, meaning, others, tag)
    refuse_unknown(tx, meaning.areas)


def _write_version(tx: Tx, segment_id: UUID, number: int, found: Checked) -> None:
    tx.execute(
        """
        insert into segment_version (tenant_id, segment_id, number, text, tree, created_at, created_by)
        values (%(tenant)s, %(segment)s, %(number)s, %(text)s, %(tree)s, %(now)s, %(user)s)
        """,
        {
            "tenant": tx.tenant_id,
            "segment": segment_id,
            "number": number,
            "text": found.text,
            "tree": Jsonb(to_json(found.tree)),
            "now": tx.now,
            "user": tx.user_id,
        },
    )
    fill.start(tx, segment_id, number)


class _taken_name:  # noqa: N801 - reads as a statement
    """Turn the database's refusal of a repeated name into ours."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UniqueViolation):
            raise Conflict(
                "segment_name_taken",
                f"已经有名为“{self._name}”的分群。",
                f"There is already a segment named “{self._name}”.",
                details=(Detail("name", "名称重复", "name already taken"),),
            ) from error


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > NAME_CHARACTERS_MAX:
        raise InvalidInput(
            "segment_name",
            f"分群名称需为 1 到 {NAME_CHARACTERS_MAX} 个字。",
            f"A segment's name has 1 to {NAME_CHARACTERS_MAX} characters.",
            details=(Detail("name", f"{len(name)} 个字", f"{len(name)} characters"),),
        )
    return name


def _differences(before: SegmentLine, after: SegmentLine) -> tuple[dict[str, Any], dict[str, Any]]:
    names = [one for one in ("name", "description", "text", "version") if getattr(before, one) != getattr(after, one)]
    return {one: getattr(before, one) for one in names}, {one: getattr(after, one) for one in names}
