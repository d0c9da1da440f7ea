"""What colleagues read about a run: titles and notes of tasks in which `{{order.total}}` stands for what the run is about.

Such texts are kept, sent on and shown on many screens, to readers with different rights, so that only plain data is put in: who it is about
stands beside a task, by its reader's own rights. Filled in by the statement that files the tasks, for all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tandem.catalog import Field
from tandem.catalog.value_types import BOOL, NUMBER, TIMESTAMP
from tandem.flow.node import CompileContext, Expression, joined
from tandem.flow.scopes import TYPES

_PLACEHOLDER: Final = re.compile(r"\{\{([^{}]*)\}\}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z")
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
#: Said where there is no value and the text says nothing instead.
NOTHING: Final = "—"


@dataclass(frozen=True, slots=True)
class Named:
    """A `{{name|instead}}` of a text."""

    name: str
    instead: str

    @property
    def is_name(self) -> bool:
        """Is it written as an object and its field?"""
        return _NAME.match(self.name) is not None


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts as SQL. `sql`: by the text's key, over the rows `r` that have the `columns`, which need the `joins`."""

    sql: Mapping[str, str]
    columns: Mapping[str, str]
    joins: str
    params: Mapping[str, object]


def parts(text: str) -> Iterator[str | Named]:
    """The text in pieces: what is said as it stands, and what is filled in."""
    end = 0
    for found in _PLACEHOLDER.finditer(text):
        if found.start() > end:
            yield text[end : found.start()]
        name, _, instead = found[1].partition("|")
        yield Named(name.strip(), instead.strip() or NOTHING)
        end = found.end()
    if end < len(text):
        yield text[end:]


def named(text: str) -> list[Named]:
    """The placeholders of a text, in order."""
    return [one for one in parts(text) if isinstance(one, Named)]


def is_open(text: str) -> bool:
    """Are there braces without their other half?"""
    rest = _PLACEHOLDER.sub("", text)
    return "{{" in rest or "}}" in rest


def is_plain(field: Field) -> bool:
    """May everybody who gets the text read the field, as a value that can be written?"""
    return field.privacy == "plain" and not field.encrypted and field.type in TYPES.values()


def worded(ctx: CompileContext, **texts: str) -> Wording:
    """Texts to be filled in for each run. One without placeholders costs nothing: it is a parameter.

    A name that has gone since the flow was published is as a value that is not there.
    """
    sql: dict[str, str] = {}
    columns: dict[str, str] = {}
    params: dict[str, object] = {}
    found: list[Expression] = []
    for key, text in texts.items():
        pieces = list(parts(text))
        if not any(isinstance(one, Named) for one in pieces):
            sql[key] = f"%({key})s::text"
            params[key] = text
            continue
        said: list[str] = []
        for index, piece in enumerate(pieces):
            at = f"{key}_{index}"
            params[f"{at}_else"] = piece.instead if isinstance(piece, Named) else piece
            value = _value(ctx, piece, at, text, found, params) if isinstance(piece, Named) else None
            said.append(f"%({at}_else)s::text" if value is None else f"coalesce({value}, %({at}_else)s::text)")
        columns[f"b{ctx.block_number}_{key}"] = f"concat({', '.join(said)})"
        sql[key] = f"r.b{ctx.block_number}_{key}"
    return Wording(sql, columns, joined(*found), params)


def _value(
    ctx: CompileContext, one: Named, at: str, text: str, found: list[Expression], params: dict[str, object]
) -> str | None:
    """SQL text of a value as people write it, null for none; None where there is nothing that could be named so."""
    root, _, name = one.name.partition(".")
    field = ctx.field(root, name) if one.is_name else None
    if field is None or not is_plain(field):
        return None
    read = ctx.expression(one.name, at, returns="any")
    found.append(read)
    params |= read.params
    if field.type is TIMESTAMP:
        params[f"{at}_zone"] = ctx.zone
        return f"to_char(({read.sql}) at time zone %({at}_zone)s::text, 'YYYY-MM-DD HH24:MI')"
    if field.type is NUMBER:
        return f"trim_scale(({read.sql})::numeric)::text"
    in_chinese = _CHINESE.search(text) is not None
    if field.type is BOOL:
        params |= {f"{at}_yes": "是" if in_chinese else "yes", f"{at}_no": "否" if in_chinese else "no"}
        return f"case when ({read.sql}) then %({at}_yes)s::text when not ({read.sql}) then %({at}_no)s::text end"
    plain = f"({read.sql})::text"
    if field.options:
        params |= {
            f"{at}_keys": [option.value for option in field.options],
            f"{at}_labels": [option.label.zh if in_chinese else option.label.en for option in field.options],
        }
        plain = f"coalesce((%({at}_labels)s::text[])[array_position(%({at}_keys)s::text[], {plain})], {plain})"
    # A bar parts the two languages of a title; a value has but one.
    return f"nullif(replace({plain}, '|', '｜'), '')"
