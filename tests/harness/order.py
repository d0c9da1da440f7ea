"""The order of a run: what takes long comes first, and two workers end together instead of one waiting for the other's last story."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

#: The marks of what takes long, the longest first.
LONG = ("browser", "fault", "slow")
#: One product serves all browser tests of a worker: they stay with one.
TOGETHER = "tests/browser/"


class LongestFirst(LoadFileScheduling):
    """Tests of one file stay together, so that module databases are built once, and files come in the order of collection."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else super()._split_scope(nodeid)


def longest_first(items: list[pytest.Item]) -> None:
    """Order files by the longest mark that any of their tests has; inside a file nothing changes."""
    ranks: dict[str, int] = {}
    for item in items:
        mine = next((place for place, mark in enumerate(LONG) if mark in item.keywords), len(LONG))
        file = str(item.path)
        ranks[file] = min(mine, ranks.get(file, mine))
    items.sort(key=lambda item: ranks[str(item.path)])
