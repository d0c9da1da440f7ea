"""The server process: uvicorn, told to end the live streams first, since they would otherwise keep it waiting for ever."""

from __future__ import annotations

from types import FrameType

import uvicorn
from fastapi import FastAPI


class WebServer(uvicorn.Server):
    """Runs an application made by `create_app`."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On a signal: every open event stream ends, then uvicorn's own orderly stop begins."""
        app = self.config.app
        if isinstance(app, FastAPI):
            app.state.live.close()
        super().handle_exit(sig, frame)
