"""Waking workers: one notification per flush, whatever it filed, so that sleeping workers look at once instead of at their next round."""

from __future__ import annotations

from collections.abc import Iterable

from tandem.kernel.db import Tx

CHANNEL = "tandem_work"
#: More buckets than this are not worth spelling out: the worker looks at all it holds.
BUCKETS_NAMED_MAX = 32


def wake(tx: Tx, buckets: Iterable[int]) -> None:
    """Say on commit that live work of this tenant waits in these buckets. Call it at most once per transaction."""
    named = sorted(set(buckets))
    shown = ",".join(str(bucket) for bucket in named) if len(named) <= BUCKETS_NAMED_MAX else ""
    tx.execute("select pg_notify(%(channel)s, %(payload)s)", {"channel": CHANNEL, "payload": f"{tx.tenant_id}:{shown}"})
