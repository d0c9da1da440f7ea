"""Worlds keep their connections open between turns, as workers do; a test leaves none behind."""

from collections.abc import Iterator

import pytest

from engine.stream.apply_world import close_connections


@pytest.fixture(autouse=True)
def no_open_connections() -> Iterator[None]:
    yield
    close_connections()
