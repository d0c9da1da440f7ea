"""The ``tandem`` command. Each command is thin: it opens what a room needs and calls the room."""

from tandem.cli.commands import app
from tandem.cli.edge import main

__all__ = ["app", "main"]
