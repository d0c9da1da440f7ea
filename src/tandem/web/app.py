"""Puts the rooms' routes behind one edge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Literal

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute

from tandem.access.http import public
from tandem.domains.contact.parcel.api import public_router as parcel_router
from tandem.domains.contact.radar.api import public_router as radar_router
from tandem.domains.contact.referral.api import public_router as referral_router
from tandem.domains.messaging.popups.api import popup_router
from tandem.kernel.crypto import MasterKey
from tandem.kernel.db import Database
from tandem.kernel.settings import Settings
from tandem.stream.beacon.api import beacon_router
from tandem.stream.sources.hook_api import hooks_router
from tandem.web import errors, live, operations
from tandem.web.body_guard import BodyGuard
from tandem.web.developers import page as developers_page
from tandem.web.edge import Edge
from tandem.web.hook_lane import HookLane
from tandem.web.idempotency import Idempotency
from tandem.web.intake_gate import IntakeGate
from tandem.web.logs import configure_logs
from tandem.web.openapi import describe, operation_id
from tandem.web.pages import Pages, dist_folder
from tandem.web.rooms import rooms

#: Handlers run in threads and each holds at most one connection: a few more threads than connections keep both busy.
CONNECTIONS = 16
THREADS = 24


def create_app(settings: Settings, *, db: Database | None = None) -> FastAPI:
    """Assemble the application. Nothing connects before the first request or start-up.

    `db` replaces the database that `settings` names. What routes find on `app.state`: settings, db, master (MasterKey), permissions,
    live (LiveHub).
    """
    configure_logs(settings)
    assembled = rooms()
    app = FastAPI(
        title="Tandem",
        docs_url=None,  # the documentation page would load scripts from elsewhere, which the content policy forbids
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        generate_unique_id_function=operation_id,
    )
    app.state.settings = settings
    app.state.db = db or Database(settings.addresses(), size=CONNECTIONS)
    app.state.permissions = assembled.permissions
    app.state.live = live.LiveHub()
    errors.install(app)
    app.router.routes.extend(_routes())
    _add_description(app)
    app.mount("/", Pages(dist_folder()), name="pages")
    app.add_middleware(Idempotency)
    app.add_middleware(BodyGuard)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(IntakeGate)
    app.add_middleware(Edge, secure=settings.secure_cookies, system=assembled.system)
    app.add_middleware(HookLane, state=app.state, secure=settings.secure_cookies)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Every room's routes. They know nothing of the application they stand in, and reading what 280 of them take costs a third of a
    second: applications of one process share them.
    """
    gathered = APIRouter(generate_unique_id_function=operation_id)
    gathered.include_router(operations.router)
    for router in rooms().routers:
        gathered.include_router(router, prefix="/v1")
    gathered.include_router(hooks_router)
    gathered.include_router(beacon_router)
    gathered.include_router(popup_router)
    gathered.include_router(radar_router)
    gathered.include_router(referral_router)
    gathered.include_router(parcel_router)
    return tuple(gathered.routes)


def _add_description(app: FastAPI) -> None:
    @app.get(
        "/v1/openapi.json",
        include_in_schema=False,
        dependencies=[Depends(public("the API's description is the same for everybody and is in the source"))],
    )
    def openapi() -> JSONResponse:
        return JSONResponse(describe(app))

    @app.get(
        "/developers",
        include_in_schema=False,
        dependencies=[Depends(public("what the API can do is the same for everybody and is in the source"))],
    )
    def developers(request: Request, language: Literal["zh", "en"] | None = None) -> HTMLResponse:
        chosen = language or ("en" if request.headers.get("accept-language", "zh").lower().startswith("en") else "zh")
        return HTMLResponse(developers_page(describe(app), language=chosen, base=str(request.base_url).rstrip("/")))

    def described() -> dict[str, Any]:
        return describe(app)

    _ = (openapi, developers)
    app.openapi = described


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    database: Database = app.state.db
    app.state.master = MasterKey(app.state.settings.master_key_bytes())
    # Opened here and not by the first two requests at once.
    for role in ("web", "door"):
        database.pool(role)
    listening = asyncio.create_task(app.state.live.listen(database.url("web")))
    try:
        yield
    finally:
        app.state.live.close()
        await live.stop(listening)
        if hasattr(app.state, "hook_door"):
            app.state.hook_door.close()
        database.close()
