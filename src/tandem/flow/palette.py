"""The palette: every kind of block as the canvas needs it, read off its class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError

from tandem.access.shapes import Label as LabelOut
from tandem.catalog.label import Label
from tandem.flow import shapes as s
from tandem.flow.module import KindRegistry
from tandem.flow.node import NodeKind, Port

_ITEMS = 2


def label_out(label: Label) -> LabelOut:
    """A label as JSON."""
    return LabelOut(zh=label.zh, en=label.en)


def port_out(port: Port) -> s.PortOut:
    """A port as JSON."""
    return s.PortOut(name=port.name, label=label_out(port.label), optional=port.optional)


def palette(kinds: KindRegistry) -> list[s.KindOut]:
    """The newest version of every kind."""
    return [_kind(kind) for kind in kinds.newest()]


def _kind(kind: NodeKind[Any]) -> s.KindOut:
    default = default_config(kind)
    source = port_source(kind)
    try:
        ports = kind.ports(kind.config.model_validate(default))
    except ValidationError:
        # Something only a person can give is missing; fixed ports do not depend on it.
        ports = () if source else kind.ports(kind.config.model_construct())
    return s.KindOut(
        kind=kind.kind,
        version=kind.version,
        group=kind.group.value,
        role=kind.role.value,
        label=label_out(kind.label),
        help=label_out(kind.help),
        icon=kind.icon,
        needs=list(kind.needs),
        for_customer=kind.for_customer,
        config_schema=_for_people(kind.config.model_json_schema()),
        default_config=default,
        ports=[port_out(port) for port in ports],
        port_source=source,
    )


def _for_people(schema: Any) -> Any:
    """A schema without the docstrings of our classes, which pydantic takes for descriptions; words for people have both languages."""
    if isinstance(schema, list):
        return [_for_people(one) for one in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    found = cast("dict[str, Any]", schema)
    return {
        name: _for_people(value)
        for name, value in found.items()
        if not (name == "description" and isinstance(value, str) and "|" not in value)
    }


def default_config(kind: NodeKind[Any]) -> dict[str, Any]:
    """What a new block begins with: every field's default, and two named items where ports follow from a list that must not be empty."""
    found: dict[str, Any] = {}
    for name, field in kind.config.model_fields.items():
        if not field.is_required():
            found[name] = _json(field.get_default(call_default_factory=True))
        elif (model := _item_model(field.annotation)) is not None:
            found[name] = [_item(model, index) for index in range(_ITEMS)]
    return found


def _json(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list):
        return [_json(one) for one in cast("Sequence[Any]", value)]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _item_model(annotation: Any) -> type[BaseModel] | None:
    """The model of the items of `tuple[Model, ...]` when they are named and labelled, as ports are."""
    first = next(iter(get_args(annotation)), None)
    if isinstance(first, type) and issubclass(first, BaseModel) and {"name", "label"} <= set(first.model_fields):
        return first
    return None


def _item(model: type[BaseModel], index: int) -> dict[str, Any]:
    item: dict[str, Any] = {"name": f"w{index + 1}", "label": chr(ord("A") + index)}
    for name, field in model.model_fields.items():
        if name in item:
            continue
        if not field.is_required():
            item[name] = _json(field.get_default(call_default_factory=True))
        else:
            # Shares begin even; a condition is for the author to write, and the check says so.
            item[name] = "" if field.annotation is str else str(100 // _ITEMS)
    return item


def port_source(kind: NodeKind[Any]) -> s.PortSource | None:
    """From which list of its configuration a kind's ports follow, found by asking it for the ports of one probe item."""
    for name, field in kind.config.model_fields.items():
        model = _item_model(field.annotation)
        if model is None:
            continue
        probe = model.model_construct(name="probe_item", label="probe")
        ports = kind.ports(kind.config.model_construct(**{name: (probe,)}))
        position = next((index for index, port in enumerate(ports) if port.name == "probe_item"), None)
        if position is None:
            continue
        return s.PortSource(
            field=name,
            name="name",
            label="label",
            before=[port_out(port) for port in ports[:position]],
            after=[port_out(port) for port in ports[position + 1 :]],
        )
    return None
