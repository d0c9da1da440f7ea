"""A flow as a file: its graph with the names of what it refers to, so that another tenant can say what is missing.

Ids of segments, templates and coupons mean nothing elsewhere. The file names each; on import they are found again by name, and what is
not there becomes an error at its place, never a silent hole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final, Literal, cast, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from tandem.catalog.label import Label
from tandem.flow.graph import Block, Graph, parse_graph, parsed
from tandem.flow.module import KindRegistry
from tandem.flow.sealed.plain import blanked
from tandem.flow.service import FlowRooms, create_flow, get_flow
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput

FORMAT: Final = "tandem/flow@1"

#: What a field's widget refers to -> where it is kept. Every one has `id`, `name` and `archived_at`.
REFERENCES: Final[Mapping[str, str]] = {
    "segment": "segment",
    "message_template": "message_template",
    "coupon_template": "coupon_template",
}
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "segment": ("分群", "segment"),
    "message_template": ("消息模板", "message template"),
    "coupon_template": ("优惠券", "coupon"),
}


class Reference(BaseModel):
    """Something outside the flow that a block names."""

    model_config = ConfigDict(extra="forbid")
    what: Literal["segment", "message_template", "coupon_template"]
    name: str = Field(min_length=1, max_length=200)


class FlowFile(BaseModel):
    """What an exported flow looks like. `refers`: id in the graph -> what it stands for."""

    model_config = ConfigDict(extra="forbid")
    format: Literal["tandem/flow@1"]
    name: str = Field(min_length=1, max_length=200)
    note: str = Field(default="", max_length=4000)
    graph: dict[str, Any]
    refers: dict[str, Reference] = Field(default_factory=dict[str, Reference], max_length=500)


Path = tuple[str | int, ...]


def referring(graph: Graph, kinds: KindRegistry) -> Iterator[tuple[Block, Path, str, str]]:
    """(block, path of the field, what, id) of every field that names a segment, template or coupon, in lists of parts too (prizes)."""
    for block in graph.blocks:
        kind = kinds.get(block.kind, block.version)
        if kind is not None:
            for path, what, value in _references(kind.config, block.config, ()):
                yield block, path, what, value


def _references(model: type[BaseModel], config: Mapping[str, Any], before: Path) -> Iterator[tuple[Path, str, str]]:
    for name, field in model.model_fields.items():
        extra = cast("dict[str, Any]", field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {})
        widget, value = extra.get("x-ui", {}).get("widget"), config.get(name)
        if widget in REFERENCES and isinstance(value, str) and value:
            yield (*before, name), str(widget), value
        part = next(
            (one for one in get_args(field.annotation) if isinstance(one, type) and issubclass(one, BaseModel)), None
        )
        if part is not None and isinstance(value, list):
            for index, one in enumerate(cast("list[Any]", value)):
                if isinstance(one, dict):
                    yield from _references(part, cast("dict[str, Any]", one), (*before, name, index))


def said(path: Path) -> str:
    """The path as findings name it: `prizes[0].coupon_template`."""
    return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path).removeprefix(".")


def export_flow(tx: Tx, rooms: FlowRooms, flow_id: UUID) -> FlowFile:
    """The draft as a file, without credentials that stand in it in the clear. Raises NotFound."""
    flow = get_flow(tx, flow_id)
    graph = blanked(parse_graph(flow.draft), bodies=True)
    refers: dict[str, Reference] = {}
    for _, _, what, value in referring(graph, rooms.kinds):
        name = _name_of(tx, what, value)
        if name is not None:
            refers[value] = Reference.model_validate({"what": what, "name": name})
    return FlowFile(format=FORMAT, name=flow.name, note=flow.note, graph=graph.stored(), refers=refers)


def import_flow(tx: Tx, rooms: FlowRooms, value: object, name: str | None = None, *, gaps: bool = False) -> UUID:
    """Make a flow from a file; returns its id. Raises InvalidInput naming every place that cannot be read or is missing here.

    With `gaps` a field whose segment, template or coupon is missing is left empty, and the check of the draft asks for it.
    """
    file = parsed(
        FlowFile,
        value,
        code="flow_file_invalid",
        zh="这不是一个导出的流程文件。",
        en="This is not a file of an exported flow.",
    )
    graph = parse_graph(file.graph)
    problems = list(_unknown_kinds(graph, rooms.kinds))
    known: dict[str, str | None] = {}
    for block, field, what, old in referring(graph, rooms.kinds):
        here = known.get(old) or _found(tx, what, old, file.refers.get(old))
        if here is None and not gaps:
            problems.append(_missing(block, rooms.kinds, said(field), what, file.refers.get(old)))
        known[old] = here
    if problems:
        raise InvalidInput(
            "flow_file_unfit",
            f"这个流程用到了本企业没有的 {len(problems)} 项内容，补齐后再导入。",
            f"The flow uses {len(problems)} things that are not here; add them and import again.",
            details=tuple(problems),
        )
    return create_flow(tx, name or file.name, renamed(graph, rooms.kinds, known), file.note)


def renamed(graph: Graph, kinds: KindRegistry, ids: Mapping[str, str | None]) -> Graph:
    """The graph with other ids in the fields that refer outside; a field whose id has None is left out."""
    changes: dict[str, dict[str, Any]] = {}
    for block, path, _, old in referring(graph, kinds):
        if old in ids:
            config = changes.setdefault(block.id, deepcopy(dict(block.config)))
            place: Any = config
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = ids[old]
            if ids[old] is None:
                del place[path[-1]]
    blocks = tuple(
        block.model_copy(update={"config": changes[block.id]}) if block.id in changes else block
        for block in graph.blocks
    )
    return graph.model_copy(update={"blocks": blocks})


def _unknown_kinds(graph: Graph, kinds: KindRegistry) -> Iterator[Detail]:
    for index, block in enumerate(graph.blocks):
        if kinds.get(block.kind, block.version) is None:
            called = block.label or block.id
            yield Detail(
                f"blocks[{index}].kind",
                f"节点“{called}”的类型这里没有：{block.kind}（第 {block.version} 版）",
                f"The block “{called}” is of a kind that is not here: {block.kind} (version {block.version})",
            )


def _missing(block: Block, kinds: KindRegistry, field: str, what: str, reference: Reference | None) -> Detail:
    zh, en = _WORDS[what]
    kind = kinds.get(block.kind, block.version)
    called = Label(block.label, block.label) if block.label or kind is None else kind.label
    where = f"{block.id}.{field}"
    if reference is None:
        return Detail(
            where, f"节点“{called.zh}”用到的{zh}没有写在文件里", f"The file does not name the {en} of “{called.en}”"
        )
    return Detail(
        where,
        f"节点“{called.zh}”用到的{zh}“{reference.name}”这里没有",
        f"The {en} “{reference.name}”, used by “{called.en}”, is not here",
    )


def _found(tx: Tx, what: str, old: str, reference: Reference | None) -> str | None:
    """Here by the same id, else by the same name."""
    if reference is None or _name_of(tx, what, old) == reference.name:
        return old if _name_of(tx, what, old) is not None else None
    found = tx.value(
        f"select id from {REFERENCES[what]} where tenant_id = %(tenant)s and name = %(name)s and archived_at is null order by id limit 1",
        {"tenant": tx.tenant_id, "name": reference.name},
    )
    return None if found is None else str(found)


def _name_of(tx: Tx, what: str, value: str) -> str | None:
    try:
        wanted = UUID(value)
    except ValueError:
        return None
    found: str | None = tx.value(
        f"select name from {REFERENCES[what]} where tenant_id = %(tenant)s and id = %(id)s and archived_at is null",
        {"tenant": tx.tenant_id, "id": wanted},
    )
    return found
