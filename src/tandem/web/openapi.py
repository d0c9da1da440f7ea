"""The API's description: stable operation ids, each route's permission, one error shape."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from tandem.web.complete import POLICY, complete
from tandem.web.routes import known_routes

VERSION = "1.0"
_WORDS = {
    "type": "object",
    "required": ["zh", "en"],
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
}
ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "details", "id"],
            "properties": {
                "code": {"type": "string", "description": "Stable; programs compare this"},
                "message": _WORDS,
                "details": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["where", "what"],
                        "properties": {"where": {"type": "string"}, "what": _WORDS},
                    },
                },
                "id": {"type": "string", "description": "The request's id, for support"},
            },
        },
    },
}


def operation_id(route: APIRoute) -> str:
    """`<room>_<verb>`: the router's tag and the handler's name, so that it survives a changed path."""
    room = str(route.tags[0]) if route.tags else "tandem"
    return f"{room.replace('-', '_')}_{route.name}"


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an application, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title="Tandem",
            version=VERSION,
            routes=app.routes,
            summary="双擎 SCRM: two engines in tandem",
            description=POLICY,
        )
        _note_permissions(app, schema)
        _one_error_shape(schema)
        complete(schema)
        app.openapi_schema = _ordered(schema)
    return app.openapi_schema


def _note_permissions(app: FastAPI, schema: dict[str, Any]) -> None:
    for route in known_routes(app):
        operation = schema["paths"].get(route.path, {}).get(route.method.lower())
        if operation is not None and route.guard is not None:
            operation["x-permission"] = route.guard.permission


def _one_error_shape(schema: dict[str, Any]) -> None:
    components: dict[str, Any] = schema.setdefault("components", {}).setdefault("schemas", {})
    components.pop("HTTPValidationError", None)
    components.pop("ValidationError", None)
    components["Error"] = ERROR_SCHEMA
    answer = {
        "description": "What went wrong, in both languages, with every place",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    for path in schema["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = answer


def _ordered(schema: dict[str, Any]) -> dict[str, Any]:
    schema["paths"] = dict(sorted(schema["paths"].items()))
    schema["components"]["schemas"] = dict(sorted(schema["components"]["schemas"].items()))
    return schema
