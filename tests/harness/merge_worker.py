"""A process that does filed merges of one tenant, a step per line it is sent: `python merge_worker.py URLS TENANT SLICE_ROWS`."""

import json
import sys
from uuid import UUID

from harness.merging import ENGINE
from tandem.kernel.db import Database
from tandem.stream.identity import commands


def main(urls: str, tenant: str, slice_rows: str) -> None:
    """Take a step for each line that comes in, and say how it went; `over` when nothing waits."""
    db = Database(json.loads(urls), size=2)
    for _ in sys.stdin:
        outcome = commands.step(db, UUID(tenant), ENGINE, slice_rows=int(slice_rows))
        print("over" if outcome is None else outcome.status, flush=True)
    db.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
