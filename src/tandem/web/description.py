"""The API's description as it is committed, for the command line and the browser's generated client."""

from __future__ import annotations

import json

from tandem.kernel.settings import Settings
from tandem.web.app import create_app
from tandem.web.openapi import describe


def openapi_text() -> str:
    """The document as committed in `web/openapi.json`: the same bytes for the same routes. Connects to nothing."""
    return json.dumps(describe(create_app(Settings())), ensure_ascii=False, indent=2) + "\n"
