"""The built browser application: its files, and its one page for every address of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from tandem.kernel.settings import checkout

# Vite names the files under assets/ by their content, so they never change.
FOREVER: Final = "public, max-age=31536000, immutable"
RESERVED: Final = ("v1", "healthz", "metrics", "assets")
SIDEBAR: Final = "sidebar"
# WeCom's own scripts make a page in its chat tool bar more than a page; they come from its servers and talk to its app.
SIDEBAR_POLICY: Final = (
    "default-src 'self'; script-src 'self' https://res.wx.qq.com https://open.work.weixin.qq.com; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
NOT_BUILT: Final = """<!doctype html><meta charset="utf-8"><title>Tandem</title>
<p>网页应用还没有构建：请运行 <code>script/server</code>。</p>
<p>The web app has not been built yet: run <code>script/server</code>.</p>"""


class Pages(StaticFiles):
    """Static files with the single-page application behind every address that is neither a file nor the API's."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=False, check_dir=False)
        self.folder = folder

    async def check_config(self) -> None:
        """A missing folder is no defect here: the page then says how to build it."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, the application's page, or 404."""
        first = path.split("/", maxsplit=1)[0]
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or first in RESERVED or scope["method"] not in {"GET", "HEAD"}:
                raise
            page = await self._page(scope)
            if first == SIDEBAR:
                page.headers["Content-Security-Policy"] = SIDEBAR_POLICY
            return page
        response.headers["Cache-Control"] = FOREVER if first == "assets" else "no-cache"
        return response

    async def _page(self, scope: Scope) -> Response:
        if not (self.folder / "index.html").is_file():
            return HTMLResponse(NOT_BUILT, status_code=503)
        response = await super().get_response("index.html", scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def dist_folder() -> Path:
    """Where `npm run build` leaves the application."""
    return checkout() / "web" / "dist"
