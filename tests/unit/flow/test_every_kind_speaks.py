"""Every kind of block says what it is in both languages, wherever a person reads: name, help, settings, ports, findings' places."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tandem.assembly import system
from tandem.flow.node import Group, NodeKind, Role
from tandem.flow.palette import default_config, palette

KINDS = sorted(system().kinds.newest(), key=lambda one: one.kind)
HAN = re.compile(r"[一-鿿]")
LOOK = Path(__file__).parents[3] / "web" / "src" / "features" / "flows" / "look.tsx"


def named(kind: NodeKind[Any]) -> str:
    return kind.kind


def complaints(kind: NodeKind[Any]) -> list[Any]:
    """What a new block's first configuration lacks."""
    try:
        kind.config.model_validate(default_config(kind))
    except ValidationError as error:
        return list(error.errors())
    return []


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_a_kind_speaks_both_languages(kind: NodeKind[Any]) -> None:
    for label in (kind.label, kind.help):
        assert HAN.search(label.zh), label
        assert label.en, label
        assert not HAN.search(label.en.replace("{{", "")), label
    assert len(kind.help.zh) > len(kind.label.zh)
    for name, field in kind.config.model_fields.items():
        title = field.title or ""
        assert re.fullmatch(r"[^|]+\|[^|]+", title), f"{name} needs a title in both languages, has {title!r}"
        zh, en = title.split("|")
        assert HAN.search(zh), title
        assert not HAN.search(en), title
    lacking = {one["type"] for one in complaints(kind)}
    assert lacking <= {"missing", "string_too_short", "too_short", "uuid_parsing", "datetime_from_date_parsing"}
    if lacking:
        # Something only a person can give is missing in a new block, and the form asks for it.
        return
    config: Any = kind.config.model_validate(default_config(kind))
    ports = kind.ports(config)
    assert len({port.name for port in ports}) == len(ports)
    assert all(port.label.zh and port.label.en for port in ports)
    assert (kind.role is Role.END) == (ports == ())


def test_every_group_that_is_built_has_kinds_and_starts_have_one_way_in() -> None:
    groups = {kind.group for kind in KINDS}
    assert groups >= set(Group) - {Group.TRADE}
    starts = [kind for kind in KINDS if kind.role is Role.START]
    assert all(kind.group is Group.START for kind in starts)
    assert len(KINDS) >= 70
    assert len(starts) >= 10


def test_every_icon_is_drawn() -> None:
    drawn = set(re.findall(r'^  "?([a-z-]+)"?: <', LOOK.read_text("utf-8"), re.MULTILINE))
    assert {kind.icon for kind in palette(system().kinds)} - drawn == set()
