"""Which buffer stands before the database, if any (`TANDEM_INTAKE_NATS_URL`)."""

from __future__ import annotations

from tandem.stream.sources.hooks import Buffer


def buffer_of() -> Buffer | None:
    """The process's buffer, or None: deliveries go straight to PostgreSQL."""
    return None
