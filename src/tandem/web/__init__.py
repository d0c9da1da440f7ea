"""The HTTP application: every room's routes behind one edge."""

from tandem.web.app import create_app
from tandem.web.description import openapi_text

__all__ = ["create_app", "openapi_text"]
