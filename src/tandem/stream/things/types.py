"""Sorts of things: what a company says they have. Read by whoever needs the catalog; written by people with the right."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final, Literal, cast

from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.catalog.label import Label
from tandem.catalog.model import Catalog
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.stream.things import hooks

FieldType = Literal["text", "number", "bool", "date", "timestamp"]
FIELDS_MAX: Final = 60
RETIRED_MAX: Final = 200
STAGES_MAX: Final = 30
TYPES_MAX: Final = 50
TEXT_MAX: Final = 2000
#: Years that a date or a time may lie in: others are slips of the pen.
YEARS: Final = range(1900, 2200)
#: What every thing has, and what formulas call by these words: no field of a company's own may.
TAKEN: Final = frozenset(
    {
        "number",
        "title",
        "stage",
        "stage_at",
        "created_at",
        "updated_at",
        "was",
        "changed",
        "id",
        "type",
        "store",
        "owner",
    }
)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")
_ROOTS: Final = frozenset({"event", "run", "item", "customer", "thing"})
_PYTHON: Final[Mapping[str, tuple[type, ...]]] = {
    "text": (str,),
    "number": (int, float),
    "bool": (bool,),
    "date": (str,),
    "timestamp": (str,),
}


@dataclass(frozen=True, slots=True)
class ThingField:
    """A field of a sort of things. A retired one was removed: no form shows it, and what asks for it or sets it still works."""

    name: str
    zh: str
    en: str
    type: FieldType
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that such things go through."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ThingKind:
    """A sort of things."""

    name: str
    label: Label
    fields: tuple[ThingField, ...]
    stages: tuple[Stage, ...]
    updated_at: datetime
    retired: tuple[ThingField, ...] = ()

    @property
    def every_field(self) -> tuple[ThingField, ...]:
        """Those in use and those that were: flows that run may ask for them."""
        return (*self.fields, *self.retired)

    @property
    def events(self) -> tuple[str, str, str]:
        """Types of events about such a thing: it was made, its values changed, it came to another stage."""
        return f"{self.name}.created", f"{self.name}.changed", f"{self.name}.stage_changed"

    def fitting(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """These values as they are kept; None takes one away. Raises InvalidInput naming each that is no field or not of its type."""
        types: dict[str, FieldType] = {one.name: one.type for one in self.every_field}
        kept = {
            name: _kept(types[name], value) if value is not None and name in types else None
            for name, value in values.items()
        }
        wrong = [
            Detail(f"fields.{name}", *_complaint(types.get(name)))
            for name, value in values.items()
            if name not in types or (value is not None and kept[name] is None)
        ]
        if wrong:
            raise InvalidInput("thing_values", "有字段填写得不对。", "Some fields do not fit.", details=tuple(wrong))
        return kept

    def at_stage(self, stage: str | None) -> str | None:
        """The stage, where it is one of these. Raises InvalidInput."""
        if stage is not None and stage not in {one.name for one in self.stages}:
            offered = [one.name for one in self.stages]
            raise InvalidInput(
                "thing_stage",
                f"没有名为“{stage}”的阶段。",
                f"There is no stage {stage!r}.",
                details=(Detail("stage", f"可选：{'、'.join(offered)}", f"one of: {', '.join(offered)}"),),
            )
        return stage


def _kept(kind: FieldType, value: object) -> Any:
    """The value as it is kept; None where it is not of the type. Python reads more forms of a day and of a time than the database does."""
    if not isinstance(value, _PYTHON[kind]) or isinstance(value, bool) != (kind == "bool"):
        return None
    if isinstance(value, float | int) and not isinstance(value, bool):
        return value if abs(value) < 1e15 else None
    if not isinstance(value, str):
        return value
    if kind == "text":
        return value if len(value) <= TEXT_MAX and "\x00" not in value else None
    return _day(value) if kind == "date" else _moment(value)


def _day(value: str) -> str | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day.isoformat() if day.year in YEARS else None


def _moment(value: str) -> str | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at.astimezone(UTC).isoformat() if at.tzinfo is not None and at.year in YEARS else None


def _complaint(kind: str | None) -> tuple[str, str]:
    said = {
        "text": (f"应为不超过 {TEXT_MAX} 字的文本", f"must be text of at most {TEXT_MAX} characters"),
        "number": ("应为数字", "must be a number"),
        "bool": ("应为是或否", "must be yes or no"),
        "date": ("应为日期，如 2026-05-01", "must be a date such as 2026-05-01"),
        "timestamp": ("应为带时区的时间", "must be a time with its zone"),
    }
    return ("没有这个字段", "no such field") if kind is None else said[kind]


_TYPES: Final = (
    "select name, label_zh, label_en, fields, stages, updated_at from thing_type where tenant_id = %(tenant)s"
)


def kinds(tx: Tx) -> list[ThingKind]:
    """Every sort of things that the company has defined, by name; at most `TYPES_MAX`."""
    return [_kind(row) for row in tx.dicts(_TYPES + " order by name", {"tenant": tx.tenant_id})]


def kind(tx: Tx, name: str) -> ThingKind:
    """One sort of things. Raises NotFound."""
    rows = tx.dicts(_TYPES + " and name = %(name)s", {"tenant": tx.tenant_id, "name": name})
    if not rows:
        raise NotFound(
            "thing_type_missing", f"没有名为“{name}”的对象类型。", f"There is no sort of things named {name!r}."
        )
    return _kind(rows[0])


def _kind(row: Mapping[str, Any]) -> ThingKind:
    fields = tuple(ThingField(**one) for one in cast("list[dict[str, Any]]", row["fields"]))
    stages = tuple(Stage(**one) for one in cast("list[dict[str, Any]]", row["stages"]))
    used = tuple(one for one in fields if not one.retired)
    gone = tuple(one for one in fields if one.retired)
    return ThingKind(row["name"], Label(row["label_zh"], row["label_en"]), used, stages, row["updated_at"], gone)


def create(
    tx: Tx, catalog: Catalog, name: str, label: Label, fields: Sequence[ThingField], stages: Sequence[Stage]
) -> ThingKind:
    """Define a sort of things. Raises InvalidInput for names that do not fit, Conflict for one that is taken."""
    if not _NAME.match(name):
        raise _wrong(
            "name",
            "标识由小写字母开头，可含数字和下划线",
            "a key begins with a lower-case letter; digits and _ may follow",
        )
    of_events = {one.partition(".")[0] for one in catalog.event_types}
    if name in catalog.entities or name in _ROOTS or name in of_events:
        raise Conflict("thing_type_taken", f"“{name}”已被系统使用。", f"{name!r} is the system's own.")
    if len(kinds(tx)) >= TYPES_MAX:
        raise Conflict("thing_types_max", f"最多 {TYPES_MAX} 种。", f"At most {TYPES_MAX} sorts of things.")
    _check(label, fields, stages)
    made = tx.values(
        """
        insert into thing_type (tenant_id, name, label_zh, label_en, fields, stages, created_at, created_by, updated_at)
        values (%(tenant)s, %(name)s, %(zh)s, %(en)s, %(fields)s, %(stages)s, %(now)s, %(user)s, %(now)s) on conflict do nothing returning name
        """,
        _params(tx, name, label, fields, stages),
    )
    if not made:
        raise Conflict("thing_type_taken", f"已经有“{name}”。", f"There is {name!r} already.")
    audit.record(tx, "thing_type.created", "thing_type", name, None, _told(label, fields, stages))
    hooks.changed(tx)
    return kind(tx, name)


def change(tx: Tx, name: str, label: Label, fields: Sequence[ThingField], stages: Sequence[Stage]) -> ThingKind:
    """Redefine a sort of things. A field keeps its type, and a stage that things are in stays. Raises NotFound, InvalidInput, Conflict.

    A field that is left out retires: flows that run may ask for it, and its name cannot come back as something else.
    """
    before = kind(tx, name)
    _check(label, fields, stages)
    retired = _retired(before, fields)
    gone = {one.name for one in before.stages} - {one.name for one in stages}
    if gone and tx.value(
        "select exists (select from thing where tenant_id = %(tenant)s and type = %(name)s and stage = any(%(gone)s::text[]))",
        {"tenant": tx.tenant_id, "name": name, "gone": sorted(gone)},
    ):
        raise Conflict("thing_stage_in_use", "还有对象处在要删除的阶段。", "Some things are in a stage that would go.")
    tx.execute(
        "update thing_type set label_zh = %(zh)s, label_en = %(en)s, fields = %(fields)s, stages = %(stages)s, updated_at = %(now)s"
        " where tenant_id = %(tenant)s and name = %(name)s",
        _params(tx, name, label, [*fields, *retired], stages),
    )
    told = _told(before.label, before.fields, before.stages)
    audit.record(tx, "thing_type.changed", "thing_type", name, told, _told(label, fields, stages))
    hooks.changed(tx)
    return kind(tx, name)


def _retired(before: ThingKind, fields: Sequence[ThingField]) -> list[ThingField]:
    """The fields that the sort had and has no longer. Raises InvalidInput where one of these has another type than it ever had."""
    types = {one.name: one.type for one in before.every_field}
    for one in fields:
        if types.get(one.name, one.type) != one.type:
            raise _wrong(
                f"fields.{one.name}", "已有（或曾有）的字段不能改变类型", "a field keeps its type, also a removed one"
            )
    kept = {one.name for one in fields}
    gone = [replace(one, retired=True) for one in before.every_field if one.name not in kept]
    if len(gone) > RETIRED_MAX:
        raise _wrong("fields", f"最多可移除 {RETIRED_MAX} 个字段", f"at most {RETIRED_MAX} fields may be removed")
    return gone


def delete(tx: Tx, name: str) -> None:
    """Delete a sort of which there are no things, and which no flow is about. Raises NotFound, Conflict."""
    before = kind(tx, name)
    users = hooks.users_above(tx, name)
    some = tx.value(
        "select exists (select from thing where tenant_id = %(tenant)s and type = %(name)s)",
        {"tenant": tx.tenant_id, "name": name},
    )
    if users or some:
        raise Conflict(
            "thing_type_in_use",
            "还有这种对象，或有流程以它为主体，不能删除。",
            "There are such things, or flows about them: it cannot be deleted.",
            details=tuple(Detail("used_by", one.zh, one.en) for one in users),
        )
    tx.execute(
        "delete from thing_type where tenant_id = %(tenant)s and name = %(name)s",
        {"tenant": tx.tenant_id, "name": name},
    )
    audit.record(tx, "thing_type.deleted", "thing_type", name, _told(before.label, before.fields, before.stages), None)
    hooks.changed(tx)


def _check(label: Label, fields: Sequence[ThingField], stages: Sequence[Stage]) -> None:
    if not label.zh.strip() or not label.en.strip():
        raise _wrong("label", "请填写中文和英文名称", "give a name in Chinese and in English")
    for what, named, most in (("fields", fields, FIELDS_MAX), ("stages", stages, STAGES_MAX)):
        names = [one.name for one in named]
        if len(names) > most or len(set(names)) != len(names):
            raise _wrong(what, f"最多 {most} 个，且标识不能重复", f"at most {most}, no two with one key")
        for name in names:
            if not _NAME.match(name):
                raise _wrong(f"{what}.{name}", f"标识“{name}”不合规", f"the key {name!r} is of the wrong form")
            if what == "fields" and name in TAKEN:
                zh, en = f"每个对象都有“{name}”，请换一个标识", f"everything has {name!r} already: choose another key"
                raise _wrong(f"{what}.{name}", zh, en)


def _wrong(where: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(
        "thing_type_invalid", "对象类型的定义不正确。", "The definition is wrong.", details=(Detail(where, zh, en),)
    )


def _told(label: Label, fields: Sequence[ThingField], stages: Sequence[Stage]) -> dict[str, Any]:
    return {
        "label": label.json(),
        "fields": [asdict(one) for one in fields],
        "stages": [asdict(one) for one in stages],
    }


def _params(tx: Tx, name: str, label: Label, fields: Sequence[ThingField], stages: Sequence[Stage]) -> dict[str, Any]:
    return {
        "tenant": tx.tenant_id,
        "name": name,
        "zh": label.zh.strip(),
        "en": label.en.strip(),
        "fields": Jsonb([asdict(one) for one in fields]),
        "stages": Jsonb([asdict(one) for one in stages]),
        "now": tx.now,
        "user": tx.user_id,
    }
