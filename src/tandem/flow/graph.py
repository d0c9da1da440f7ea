"""The graph a person draws: blocks, arrows, settings. Stored as JSON, published as JSON Schema, read well in a diff."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tandem.kernel.errors import Detail, InvalidInput

BLOCKS_MAX = 500
ARROWS_MAX = 2000

BlockId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
"""Permanent within a flow: versions, logs and statistics know a block by it."""


Hue = Literal["yellow", "blue", "green", "pink", "grey"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Position(_Part):
    """Where the block stands on the canvas, in pixels."""

    x: float = 0
    y: float = 0


class Block(_Part):
    """One block: its kind, its configuration (read by the kind), and what people wrote on it."""

    id: BlockId
    kind: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=80)
    version: int = Field(default=1, ge=1)
    config: dict[str, Any] = Field(default_factory=dict)
    position: Position = Position()
    label: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=4000)
    human: bool = False
    """A person decides here, and no later version lets anybody past without a second person's word."""


class Sticky(_Part):
    """A note stuck on the canvas; nobody passes it."""

    id: BlockId
    text: str = Field(default="", max_length=4000)
    position: Position = Position()
    width: float = Field(default=224, ge=120, le=1200)
    height: float = Field(default=144, ge=64, le=1200)
    hue: Hue = "yellow"


class Frame(_Part):
    """A frame around blocks that belong together: what stands inside moves with it."""

    id: BlockId
    title: str = Field(default="", max_length=200)
    position: Position = Position()
    width: float = Field(default=480, ge=120, le=20_000)
    height: float = Field(default=320, ge=80, le=20_000)
    hue: Hue = "blue"


class Arrow(_Part):
    """From a port of one block to another block."""

    from_: BlockId = Field(alias="from")
    port: str = Field(min_length=1, max_length=60)
    to: BlockId


class Reentry(_Part):
    """Who may enter again. `days` belongs to after_days, `times` to at_most (entries in all)."""

    rule: Literal["never", "always", "after_leaving", "after_days", "at_most"] = "after_leaving"
    days: int = Field(default=30, ge=1, le=3650)
    times: int = Field(default=1, ge=1, le=10_000)
    concurrent: bool = False
    """May one subject have several runs in the flow at once?"""


class Watch(_Part):
    """Something watched the whole time: an event with a condition over `event` and `customer`, or a condition alone."""

    event_type: str | None = Field(default=None, max_length=80)
    condition: str = Field(default="", max_length=8000)


class Goal(Watch):
    """What the flow is for. Reaching it counts as a conversion and, unless `leave` is off, ends the run."""

    name: str = Field(default="", max_length=200)
    leave: bool = True


class Settings(_Part):
    """What holds for the whole flow."""

    subject: str = Field(default="customer", max_length=40)
    reentry: Reentry = Reentry()
    holdout_percent: float = Field(default=0, ge=0, le=50)
    """Share of entrants kept out as a control group."""
    goal: Goal | None = None
    exit_when: Watch | None = None
    late_hours: int = Field(default=48, ge=1, le=24 * 90)
    """A live event older than this starts and wakes nothing (ENGINE_RULES 11)."""


class Graph(_Part):
    """A flow as drawn."""

    blocks: tuple[Block, ...] = Field(default=(), max_length=BLOCKS_MAX)
    arrows: tuple[Arrow, ...] = Field(default=(), max_length=ARROWS_MAX)
    settings: Settings = Settings()
    stickies: tuple[Sticky, ...] = Field(default=(), max_length=200)
    frames: tuple[Frame, ...] = Field(default=(), max_length=100)

    def block(self, block_id: str) -> Block | None:
        """The block of that id, or None."""
        return next((one for one in self.blocks if one.id == block_id), None)

    def targets(self) -> dict[tuple[str, str], str]:
        """(block, port) -> the block its arrow leads to."""
        return {(arrow.from_, arrow.port): arrow.to for arrow in self.arrows}

    def stored(self) -> dict[str, Any]:
        """The form kept in the database and exported."""
        return self.model_dump(mode="json", by_alias=True)


M = TypeVar("M", bound=BaseModel)


def parse_graph(value: object) -> Graph:
    """Read a graph. Raises InvalidInput naming every place that does not fit."""
    return parsed(
        Graph, value, code="flow_graph_invalid", zh="流程图的格式不正确。", en="The graph does not have the right form."
    )


def parsed(model: type[M], value: object, *, code: str, zh: str, en: str) -> M:
    """Read a value as a model; pydantic's complaints become details with their place."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = tuple(
            Detail(place(one["loc"]), complaint_zh(one["type"]), one["msg"]) for one in error.errors()[:100]
        )
        raise InvalidInput(code, zh, en, details=details) from error


def place(loc: tuple[int | str, ...]) -> str:
    """`("blocks", 3, "kind")` as `blocks[3].kind`."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


_COMPLAINTS_ZH = {
    "missing": "缺少必填项",
    "extra_forbidden": "多出了不认识的项",
    "string_pattern_mismatch": "格式不符",
    "string_too_short": "不能为空",
    "string_too_long": "太长",
    "greater_than_equal": "数值太小",
    "greater_than": "数值太小",
    "less_than_equal": "数值太大",
    "less_than": "数值太大",
    "literal_error": "不是允许的选项",
    "enum": "不是允许的选项",
    "too_long": "数量太多",
    "too_short": "数量太少",
    "uuid_parsing": "请选择一项",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "float_parsing": "应为数字",
    "string_type": "应为文本",
    "bool_type": "应为是或否",
    "list_type": "应为列表",
    "value_error": "填写的内容不成立",
}


def complaint_zh(kind: str) -> str:
    """Pydantic's error type in Chinese."""
    return _COMPLAINTS_ZH.get(kind, "填写的内容不正确")


@lru_cache(maxsize=1)
def graph_schema() -> dict[str, Any]:
    """The published JSON Schema of a graph."""
    schema = Graph.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Tandem flow", **schema}
