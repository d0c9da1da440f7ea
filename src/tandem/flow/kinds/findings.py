"""Findings that many kinds have in common."""

from __future__ import annotations

from tandem.catalog.label import Label
from tandem.flow.node import Finding


def missing(what: Label, mend: Label, where: str) -> Finding:
    """A setting without which the block cannot do its work is still empty."""
    return Finding("setting_missing", what, mend, where)
