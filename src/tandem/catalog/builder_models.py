"""The JSON that the visual builder edits: one object for each node, told apart by `kind`.

`and` and `or` hold groups; `compare` with a `related` on the left is an aggregate condition ("count of orders where … in the
last N days >= 2"); `raw` holds text for a part that the builder does not show as a form. `parens` counts parentheses that a
person wrote. Everything optional is left out when it has its default.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

_NAME: Final = r"^[^\W\d]\w*$"
Word = Annotated[str, Field(pattern=_NAME, max_length=100)]
NumberText = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?%?$", max_length=40)]
Amount = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$", max_length=9)]


class Base(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    parens: int = Field(default=0, ge=0, le=20)


class NumberModel(Base):
    kind: Literal["number"] = "number"
    text: NumberText


class TextModel(Base):
    kind: Literal["text"] = "text"
    value: str = Field(max_length=10_000)
    raw: str | None = Field(default=None, max_length=20_000)


class BoolModel(Base):
    kind: Literal["bool"] = "bool"
    value: bool


class NullModel(Base):
    kind: Literal["null"] = "null"


class DurationModel(Base):
    kind: Literal["duration"] = "duration"
    amount: Amount
    unit: Literal["second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks"]


class ListModel(Base):
    kind: Literal["list"] = "list"
    items: tuple[AnyModel, ...]


class TierModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    low: NumberText = Field(alias="from")
    high: NumberText | None = Field(default=None, alias="to")
    rate: NumberText


class TiersModel(Base):
    kind: Literal["tiers"] = "tiers"
    rows: tuple[TierModel, ...] = Field(min_length=1)


class FieldModel(Base):
    kind: Literal["field"] = "field"
    path: tuple[Word, ...] = Field(min_length=1, max_length=4)


class CallModel(Base):
    kind: Literal["call"] = "call"
    name: Word
    args: tuple[AnyModel, ...] = ()


class WindowModel(BaseModel):
    """The last stretch of time: `in last 90 days`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: Amount
    unit: Literal["second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks"]


class RelatedModel(Base):
    kind: Literal["related"] = "related"
    aggregate: Literal["count", "sum", "avg", "min", "max", "first", "last", "most_frequent", "days_in_a_row", "exists"]
    relation: Word
    field: tuple[Word, ...] = ()
    window: WindowModel | None = None
    where: AnyModel | None = None


class AndModel(Base):
    kind: Literal["and"] = "and"
    items: tuple[AnyModel, ...] = Field(min_length=1)


class OrModel(Base):
    kind: Literal["or"] = "or"
    items: tuple[AnyModel, ...] = Field(min_length=1)


class NotModel(Base):
    kind: Literal["not"] = "not"
    item: AnyModel


class CompareModel(Base):
    kind: Literal["compare"] = "compare"
    op: Literal["=", "!=", "<", "<=", ">", ">="]
    left: AnyModel
    right: AnyModel


class BetweenModel(Base):
    kind: Literal["between"] = "between"
    value: AnyModel
    low: AnyModel
    high: AnyModel


class InModel(Base):
    kind: Literal["in"] = "in"
    value: AnyModel
    choices: AnyModel
    negated: bool = False


class MatchModel(Base):
    kind: Literal["match"] = "match"
    op: Literal["contains", "starts with", "ends with"]
    left: AnyModel
    right: AnyModel


class MissingModel(Base):
    kind: Literal["missing"] = "missing"
    value: AnyModel
    negated: bool = False


class ArithModel(Base):
    kind: Literal["arith"] = "arith"
    op: Literal["+", "-", "*", "/"]
    left: AnyModel
    right: AnyModel


class NegativeModel(Base):
    kind: Literal["negative"] = "negative"
    value: AnyModel


class RawModel(Base):
    kind: Literal["raw"] = "raw"
    text: str = Field(max_length=20_000)


AnyModel = Annotated[
    AndModel
    | OrModel
    | NotModel
    | CompareModel
    | BetweenModel
    | InModel
    | MatchModel
    | MissingModel
    | ArithModel
    | NegativeModel
    | NumberModel
    | TextModel
    | BoolModel
    | NullModel
    | DurationModel
    | ListModel
    | TiersModel
    | FieldModel
    | CallModel
    | RelatedModel
    | RawModel,
    Field(discriminator="kind"),
]

ADAPTER: Final[TypeAdapter[Any]] = TypeAdapter(AnyModel)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the builder's tree, for the web app."""
    return ADAPTER.json_schema()
