"""What every operation's description needs and no route should have to write: a summary, examples, errors, the idempotency header."""

from __future__ import annotations

from typing import Any, Final

from tandem.access.idempotency import HEADER, KEY_LENGTH_MAX
from tandem.web.examples import example_of
from tandem.web.idempotency import takes_key

POLICY: Final = """Everything under `/v1`, in JSON and UTF-8. Times are ISO 8601 in UTC; amounts are decimal strings with their currency.

**Versions.** Within `v1` things are added and nothing is taken away: new routes, new optional fields in requests, new fields, event types
and enum values in answers. Programs ignore what they do not know. A change that would break one comes as `/v2`, beside `/v1` for at least
twelve months; a route to be retired answers with `Deprecation` and `Sunset` headers for at least six. Webhook bodies carry the `version` of
their event type and follow the same rule.

**Keys.** `Authorization: Bearer tk_...`, made under settings. A key holds a part of what its maker holds. `x-permission` says what each route asks.

**Errors** have one shape: `code` is stable and for programs, `message` is for people in both languages, `details` name every place, `id` is for support.

**Repeating.** Any writing request may carry an `Idempotency-Key`; repeated within 24 hours it happens once and is answered alike.

**Limits.** Each key has a token bucket (`RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset`); one request too many is 429 with `Retry-After`.

**Lists** come in pages: `?limit=&cursor=` gives `items` and `next`; hand `next` back as `cursor` until it is null."""

_WHEN: Final[dict[str, tuple[str, str, str, str]]] = {
    "400": ("The body is not JSON", "malformed_json", "请求内容不是有效的 JSON。", "The body is not valid JSON."),
    "401": ("No key or session, or one that is over", "not_signed_in", "请先登录。", "Please sign in."),
    "403": ("The permission is missing", "forbidden", "您没有执行此操作的权限。", "You lack the permission for this."),
    "404": (
        "No such thing, or not within the caller's data scope",
        "not_found",
        "没有这个地址或内容。",
        "There is nothing here.",
    ),
    "409": (
        "The thing's state does not allow it",
        "conflict",
        "与已有数据冲突。",
        "This conflicts with what is stored.",
    ),
    "422": (
        "Something sent is not right; `details` say what",
        "invalid_input",
        "提交的内容有误。",
        "Some of what was sent is not right.",
    ),
    "429": (
        "Too many requests for this key",
        "rate_limited",
        "请求过于频繁，请稍后再试。",
        "Too many requests; wait and try again.",
    ),
}
_SUMMARY_LENGTH_MAX: Final = 120
_KEY: Final = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Repeated within 24 hours, the request happens once and is answered alike",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX},
}


def complete(schema: dict[str, Any]) -> None:
    """Fill in every operation of a description."""
    components: dict[str, Any] = schema["components"]
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key, `tk_...`"},
        "session": {"type": "apiKey", "in": "cookie", "name": "tandem_session"},
    }
    components["responses"] = {f"Error{status}": _error(*words) for status, words in _WHEN.items()}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _fill(path, method.upper(), operation, components["schemas"])


def _fill(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    said = operation.get("description", "")
    operation["summary"] = summary_of(said, operation.get("summary", ""))
    public = operation.get("x-permission") == "public"
    operation["security"] = [] if public else [{"key": []}, {"session": []}]
    if takes_key(method, path):
        operation.setdefault("parameters", []).append(_KEY)
    for status in _possible(path, method, operation, public=public):
        operation["responses"].setdefault(status, {"$ref": f"#/components/responses/Error{status}"})
    for content in _contents(operation):
        if "example" not in content and "examples" not in content:
            content["example"] = example_of(content.get("schema", {}), schemas)
    for parameter in operation.get("parameters", []):
        if parameter is not _KEY and parameter.get("required"):
            parameter.setdefault("example", example_of(parameter["schema"], schemas, parameter["name"]))


def summary_of(description: str, otherwise: str) -> str:
    """The first sentence of a route's docstring, without its full stop."""
    first = description.strip().partition("\n")[0]
    for end in (". ", "; ", ": "):
        first = first.partition(end)[0]
    return (first.rstrip(".") or otherwise)[:_SUMMARY_LENGTH_MAX]


def _possible(path: str, method: str, operation: dict[str, Any], *, public: bool) -> list[str]:
    found = [] if public else ["401", "403", "429"]
    if "{" in path:
        found.append("404")
    if method != "GET":
        found.append("409")
    if operation.get("parameters") or "requestBody" in operation:
        found.append("422")
    if "requestBody" in operation:
        found.append("400")
    return sorted(found)


def _contents(operation: dict[str, Any]) -> list[dict[str, Any]]:
    found = list(operation.get("requestBody", {}).get("content", {}).items())
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            found += answer.get("content", {}).items()
    return [content for kind, content in found if kind == "application/json"]


def _error(when: str, code: str, zh: str, en: str) -> dict[str, Any]:
    body: dict[str, Any] = {"error": {"code": code, "message": {"zh": zh, "en": en}, "details": [], "id": "f0c1"}}
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Error"}, "example": body}
    return {"description": when, "content": {"application/json": content}}
