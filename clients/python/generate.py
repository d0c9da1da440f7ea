"""Write the client's types and operations from the API's description: `python clients/python/generate.py`."""

from __future__ import annotations

import json
import keyword
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DESCRIPTION = HERE.parents[1] / "web" / "openapi.json"
TYPES, OPERATIONS = HERE / "tandem_client" / "types.py", HERE / "tandem_client" / "_operations.py"
HEAD = '"""Generated from web/openapi.json by clients/python/generate.py; do not edit."""\n\nfrom __future__ import annotations\n\n'
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def class_name(schema: str) -> str:
    """`Page_ApiKey_` -> `PageApiKey`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", schema) if part)


def type_of(schema: dict[str, Any]) -> str:
    """A schema as a Python type; names of components stand in the module `t`."""
    if "$ref" in schema:
        return class_name(schema["$ref"].rpartition("/")[2])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(dict.fromkeys(type_of(one) for one in schema[key]))
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return type_of(schema["allOf"][0])
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(repr(one) for one in schema['enum'])}]"
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(PLAIN.get(one, "Any") for one in kind)
    if kind == "array":
        return f"list[{type_of(schema.get('items', {}))}]"
    if kind == "object":
        more = schema.get("additionalProperties")
        return f"dict[str, {type_of(more)}]" if isinstance(more, dict) and more else "dict[str, Any]"
    return PLAIN.get(str(kind), "Any")


def types_module(schemas: dict[str, Any]) -> str:
    """One TypedDict or alias for each component."""
    parts = [HEAD, "from typing import Any, Literal, NotRequired, TypedDict\n"]
    for name, schema in sorted(schemas.items(), key=lambda pair: class_name(pair[0])):
        parts.append("\n\n" + (typed_dict(name, schema) if "properties" in schema else alias(name, schema)))
    return "".join(parts)


def alias(name: str, schema: dict[str, Any]) -> str:
    # Quoted, so that aliases may name classes that stand below.
    return f"type_{class_name(name)} = Any\n" if not schema else f"{class_name(name)} = {eager(type_of(schema))}\n"


def eager(text: str) -> str:
    """An alias is evaluated when the module is loaded: names of other components become Any."""
    return re.sub(r"\b(?!Literal|Any\b|None\b)[A-Z]\w*", "Any", re.sub(r"'[^']*'", lambda m: m.group(0), text)) if "'" not in text else text


def typed_dict(name: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", []))
    fields = {key: one if key in required else None for key, one in schema["properties"].items()}
    lines: list[str] = []
    awkward = any(not key.isidentifier() or keyword.iskeyword(key) for key in fields)
    for key, one in schema["properties"].items():
        text = type_of(one)
        lines.append((key, text if key in required else f"NotRequired[{text}]"))  # type: ignore[arg-type]
    said = first_line(schema.get("description", ""))
    if awkward:
        inner = ", ".join(f"{key!r}: {text!r}" for key, text in lines)  # type: ignore[misc]
        return f"{class_name(name)} = TypedDict({class_name(name)!r}, {{{inner}}})\n"
    body = "".join(f"    {key}: {text}\n" for key, text in lines) or "    pass\n"  # type: ignore[misc]
    return f"class {class_name(name)}(TypedDict):\n" + (f'    """{said}"""\n\n' if said else "") + body


def first_line(text: str) -> str:
    return text.strip().partition("\n")[0].replace("\\", "\\\\").replace('"""', "'''").rstrip('"')


def operations_module(description: dict[str, Any]) -> str:
    """One class for each tag, one method for each operation, and `Tandem`, which has them all."""
    groups: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for verb, operation in operations.items():
            tag = str((operation.get("tags") or ["operations"])[0]).replace("-", "_")
            groups.setdefault(tag, []).append(method(path, verb.upper(), operation, tag, description))
    imports = "from collections.abc import Iterator, Mapping\nfrom typing import Any, Literal\nfrom urllib.parse import quote\n\n"
    imports += "from tandem_client import types as t\nfrom tandem_client.transport import Transport\n"
    parts = [HEAD, imports]
    for tag in sorted(groups):
        parts.append(f"\n\nclass {class_name(tag)}:\n    def __init__(self, transport: Transport) -> None:\n        self._transport = transport\n")
        parts += groups[tag]
    inits = "".join(f"        self.{tag} = {class_name(tag)}(self)\n" for tag in sorted(groups))
    parts.append(
        '\n\nclass Tandem(Transport):\n    """The whole API, by room."""\n\n'
        "    def __init__(self, base_url: str, api_key: str, **more: Any) -> None:\n"
        f"        super().__init__(base_url, api_key, **more)\n{inits}"
    )
    return "".join(parts)


def method(path: str, verb: str, operation: dict[str, Any], tag: str, description: dict[str, Any]) -> str:
    """The method of an operation, and for a list the one that follows its pages."""
    name = operation["operationId"].removeprefix(f"{tag}_")
    parameters = [one for one in operation.get("parameters", []) if one["in"] in {"path", "query"}]
    placed = [one for one in parameters if one["in"] == "path"]
    asked = [one for one in parameters if one["in"] == "query"]
    body, files = body_of(operation)
    returns = answer_of(operation)
    signature = ["self", *(f"{safe(one['name'])}: {module(type_of(one['schema']))}" for one in placed)]
    if body:
        signature.append(f"body: {module(body)}")
    keyed = [f"{safe(one['name'])}: {optional(module(type_of(one['schema'])))} = None" for one in asked]
    if files:
        keyed.insert(0, "files: Mapping[str, Any]")
    if verb not in {"GET", "HEAD"}:
        keyed.append("idempotency_key: str | None = None")
    address = re.sub(r"\{(\w+)\}", lambda m: "{quote(str(" + safe(m.group(1)) + "), safe='')}", path)
    query = "{" + ", ".join(f"{one['name']!r}: {safe(one['name'])}" for one in asked) + "}"
    call = [repr(verb), f"f{address!r}" if placed else repr(path)]
    call += [f"query={query}"] if asked else []
    call += ["body=body"] if body else []
    call += ["files=files"] if files else []
    call += ["idempotency_key=idempotency_key"] if verb not in {"GET", "HEAD"} else []
    said = first_line(operation.get("description") or operation.get("summary", ""))
    head = ", ".join(signature + (["*", *keyed] if keyed else []))
    text = f'\n    def {safe(name)}({head}) -> {module(returns)}:\n        """{said}"""\n        return self._transport.request({", ".join(call)})\n'
    if any(one["name"] == "cursor" for one in asked):
        text += pages(name, signature, asked, address if placed else path, bool(placed), item_of(returns, description))
    return text


def pages(name: str, signature: list[str], asked: list[dict[str, Any]], address: str, placed: bool, item: str) -> str:
    rest = [one for one in asked if one["name"] != "cursor"]
    keyed = [f"{safe(one['name'])}: {optional(module(type_of(one['schema'])))} = None" for one in rest]
    query = "{" + ", ".join(f"{one['name']!r}: {safe(one['name'])}" for one in rest) + "}"
    head = ", ".join(signature + (["*", *keyed] if keyed else []))
    where = f"f{address!r}" if placed else repr(address)
    return f'\n    def iter_{safe(name)}({head}) -> Iterator[{module(item)}]:\n        """Every item of `{safe(name)}`, page after page."""\n        return self._transport.pages({where}, {query})\n'


def item_of(returns: str, description: dict[str, Any]) -> str:
    for name, schema in description["components"]["schemas"].items():
        if class_name(name) == returns and "items" in schema.get("properties", {}):
            return type_of(schema["properties"]["items"].get("items", {}))
    return "Any"


def body_of(operation: dict[str, Any]) -> tuple[str, bool]:
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        return type_of(content["application/json"].get("schema", {})), False
    return ("Mapping[str, Any]", True) if content else ("", False)


def answer_of(operation: dict[str, Any]) -> str:
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            content = answer.get("content", {})
            if "application/json" in content:
                return type_of(content["application/json"].get("schema", {}))
            return "bytes" if content else "None"
    return "Any"


def module(text: str) -> str:
    """Name components through the module `t`."""
    plain = {"Any", "Literal", "None", "Mapping", "Iterator"}
    outside = re.split(r"('[^']*')", text)
    named = [part if part.startswith("'") else re.sub(r"\b[A-Z]\w*", lambda m: m.group(0) if m.group(0) in plain else f"t.{m.group(0)}", part) for part in outside]
    return "".join(named)


def optional(text: str) -> str:
    return text if text.endswith("None") else f"{text} | None"


def safe(name: str) -> str:
    cleaned = re.sub(r"\W", "_", name)
    return f"{cleaned}_" if keyword.iskeyword(cleaned) else cleaned


def generated() -> dict[Path, str]:
    """What the files should say."""
    description = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return {TYPES: types_module(description["components"]["schemas"]), OPERATIONS: operations_module(description)}


def main() -> None:
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.name}: {len(text.splitlines())} lines\n")


if __name__ == "__main__":
    main()
