"""Every route of an assembled application with how it is guarded: what OpenAPI prints and the security tests walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from tandem.access.http import RouteGuard, guard_of


@dataclass(frozen=True, slots=True)
class KnownRoute:
    """One operation. `path` is complete (`/v1/users/{user_id}`); `guard` None means that somebody forgot it."""

    method: str
    path: str
    operation: str
    endpoint: Callable[..., Any]
    guard: RouteGuard | None
    in_schema: bool


def known_routes(app: FastAPI) -> Iterator[KnownRoute]:
    """All operations of the application, in the order in which they match."""
    for context in iter_route_contexts(app.routes):
        if not isinstance(context.original_route, APIRoute):
            continue
        for method in sorted(context.methods or ()):
            yield KnownRoute(
                method=method,
                path=str(context.path),
                operation=str(context.unique_id),
                endpoint=context.original_route.endpoint,
                guard=guard_of(context.dependant),
                in_schema=bool(context.include_in_schema),
            )
