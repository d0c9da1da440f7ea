"""An example for every shape of the API, made from its schema, so that none is missing and none is out of date."""

from __future__ import annotations

import re
from typing import Any, Final

DEPTH_MAX: Final = 12
_ID: Final = "018f7c9e-5a00-7000-8000-0000000000aa"
_FORMATS: Final = {
    "uuid": _ID,
    "date-time": "2026-05-01T02:03:04Z",
    "date": "2026-05-01",
    "time": "09:30:00",
    "binary": "(bytes)",
    "uri": "https://example.com/",
}
_NAMED: Final = {
    "amount": "12.50",
    "city": "上海",
    "code": "till-1",
    "currency": "CNY",
    "cursor": "WyIyMDI2LTA1LTAxIl0",
    "email": "li@example.com",
    "en": "Name",
    "event_type": "order.paid",
    "event_types": "order.paid",
    "expression": "customer.order_count >= 2",
    "filter": "event.total > 100",
    "kind": "order",
    "login": "li",
    "name": "李丽",
    "phone": "138****2231",
    "permissions": "customer.read",
    "plain": "累计订单数 ≥ 2",
    "text": "customer.order_count >= 2",
    "type": "order.paid",
    "url": "https://example.com/hooks/tandem",
    "redirect": "https://example.com/connectors/authorised",
    "zh": "名称",
    "zone": "Asia/Shanghai",
}
_CANDIDATES: Final = (
    "name",
    "till-1",
    "customer.read",
    "sms",
    "female",
    "manual",
    "09:00",
    "#2f54eb",
    "1",
    "12.50",
    "CNY",
    "A1",
    "2026-05-01",
    "*",
    _ID,
)


def example_of(
    schema: dict[str, Any], components: dict[str, Any], name: str = "", depth: int = 0, above: frozenset[str] = frozenset()
) -> Any:
    """A value that the schema allows. References go to `components`; what is deeper than `DEPTH_MAX` is cut.

    `above`: the references that lead here. A list of what it stands in itself (the parts of a condition) stays empty.
    """
    for given in ("example", "const", "default"):
        if schema.get(given) is not None:
            return schema[given]
    if schema.get("examples"):
        return schema["examples"][0]
    if "$ref" in schema:
        target = schema["$ref"].rpartition("/")[2]
        return {} if depth > DEPTH_MAX else example_of(components[target], components, name, depth + 1, above | {target})
    if "enum" in schema:
        return schema["enum"][0]
    for key in ("allOf", "anyOf", "oneOf"):
        if schema.get(key):
            chosen = next((one for one in schema[key] if one.get("type") != "null"), schema[key][0])
            return example_of(chosen, components, name, depth + 1, above)
    return _plain(schema, components, name, depth, above)


def _plain(schema: dict[str, Any], components: dict[str, Any], name: str, depth: int, above: frozenset[str]) -> Any:
    kind = schema.get("type")
    if schema.get("minProperties", 0) > 0 and "properties" not in schema:
        return {"customer": "customer"}
    if kind == "object" or "properties" in schema:
        return {
            key: example_of(one, components, key, depth + 1, above)
            for key, one in schema.get("properties", {}).items()
            if depth <= DEPTH_MAX
        }
    if kind == "array":
        return _list(schema, components, name, depth, above)
    if kind in {"integer", "number"}:
        return _number(schema)
    if kind == "boolean":
        return True
    return _text(schema, name) if kind == "string" else {} if kind is None else None


def _list(schema: dict[str, Any], components: dict[str, Any], name: str, depth: int, above: frozenset[str]) -> list[Any]:
    if "prefixItems" in schema:
        return [example_of(one, components, name, depth + 1, above) for one in schema["prefixItems"]]
    items, least = schema.get("items", {}), int(schema.get("minItems", 0))
    if depth > DEPTH_MAX or items.get("$ref", "").rpartition("/")[2] in above:
        return [example_of(items, components, name, depth + 1, above)] * least
    return [example_of(items, components, name, depth + 1, above)] * min(max(1, least), 3)


def _number(schema: dict[str, Any]) -> int | float:
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    wanted = 10 if low is None else max(10, int(low) + 1)
    return wanted if high is None or wanted <= high else high


def _text(schema: dict[str, Any], name: str) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    pattern = schema.get("pattern")
    fitting = (
        one
        for one in (_NAMED.get(name, "text"), *_CANDIDATES)
        if (pattern is None or re.search(pattern, one)) and len(one) >= schema.get("minLength", 0)
    )
    found = next(fitting, "text")
    longest = schema.get("maxLength")
    return found if longest is None else found[:longest]
