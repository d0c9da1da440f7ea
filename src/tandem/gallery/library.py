"""Templates and modules as they lie in the package: JSON, read once, checked as they are read.

A text with " | " has a Chinese and an English half; installing takes the reader's. A value "$key" stands for what the asking of that key
brings: the id of a segment, message, coupon, or the name of a tag.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from tandem.access.shapes import Label
from tandem.flow.graph import Arrow, Block, Graph, parse_graph

Language = Literal["zh", "en"]
What = Literal["segment", "message_template", "coupon_template", "tag", "thing_type"]


class Ask(BaseModel):
    """Something the tenant must have: what it is, and how it would be made."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    key: str
    what: What
    label: Label
    suggest: dict[str, Any]


class Template(BaseModel):
    """A flow ready to be installed. `story` is what it answers, `trades` who looks for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    story: str
    trades: tuple[str, ...]
    name: Label
    about: Label
    asks: tuple[Ask, ...]
    graph: dict[str, Any]


class Way(BaseModel):
    """A way out of a module that leads on."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    block: str
    port: str


class ServiceModule(BaseModel):
    """A short stretch to drop on a canvas: one way in, and the ways that lead on."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    name: Label
    about: Label
    asks: tuple[Ask, ...]
    blocks: tuple[Block, ...]
    arrows: tuple[Arrow, ...]
    entry: str
    exits: tuple[Way, ...] = Field(min_length=0)


@lru_cache(maxsize=1)
def templates() -> Mapping[str, Template]:
    """Every template by id, by story."""
    folder = files("tandem.gallery") / "templates"
    found = [
        Template.model_validate(json.loads(one.read_text("utf-8")))
        for one in folder.iterdir()
        if one.name.endswith(".json")
    ]
    return {one.id: one for one in sorted(found, key=lambda one: (one.story, one.id))}


@lru_cache(maxsize=1)
def modules() -> Mapping[str, ServiceModule]:
    """Every service module by id."""
    text = (files("tandem.gallery") / "modules.json").read_text("utf-8")
    found = [ServiceModule.model_validate(one) for one in json.loads(text)["modules"]]
    return {one.id: one for one in found}


def worded(value: Any, language: Language) -> Any:
    """A value with each of its texts in one language."""
    if isinstance(value, str):
        zh, bar, en = value.partition(" | ")
        return value if not bar else (zh if language == "zh" else en).strip()
    if isinstance(value, dict):
        return {name: worded(one, language) for name, one in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [worded(one, language) for one in cast("list[Any]", value)]
    return value


def filled(value: Any, answers: Mapping[str, str]) -> Any:
    """A value with each "$key" that is answered put in; a field whose asking is not answered is left out."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value).items()
        return {name: filled(one, answers) for name, one in fields if not _unanswered(one, answers)}
    if isinstance(value, list | tuple):
        return [filled(one, answers) for one in cast("list[Any]", value)]
    return answers[value[1:]] if isinstance(value, str) and value.startswith("$") else value


def _unanswered(value: Any, answers: Mapping[str, str]) -> bool:
    return isinstance(value, str) and value.startswith("$") and value[1:] not in answers


def graph_of(template: Template, language: Language, answers: Mapping[str, str]) -> Graph:
    """The template's drawing, in one language, with the answers put in."""
    return parse_graph(filled(worded(template.graph, language), answers))
