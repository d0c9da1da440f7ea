"""A look at whom an expression means, without saving anything: how many, and a few of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final
from uuid import UUID

from psycopg.errors import QueryCanceled

from tandem.catalog.checker import Checked
from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import Unavailable
from tandem.kernel.ids import BUCKETS
from tandem.kernel.settings import Role
from tandem.stream.profile_tables import CUSTOMER_SOURCE
from tandem.stream.segment.meaning import ALIAS, by_join, joined

SAMPLES: Final = 10
TIMEOUT_SECONDS: Final = 15
EVERY_BUCKET: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class Preview:
    """How many customers the person may see are meant, some of their ids, and how long the look took."""

    count: int
    sample_ids: Sequence[UUID]
    took_ms: int


def look_role(scope: Scope) -> Role:
    """The database role for a look at everybody by somebody with this scope.

    The web's policies ask for the data scope by an alternative that the planner cannot estimate (it expects one row of a million), and
    plans built on that take minutes. Who may see the whole tenant looks as the worker, whose policies ask for the tenant alone.
    """
    return "worker" if scope.kind == "all" else "web"


def preview(tx: Tx, found: Checked) -> Preview:
    """Count everybody the expression means now. Raises Unavailable when that takes longer than ``TIMEOUT_SECONDS``.

    The transaction's data scope holds.
    """
    text, params = preview_sql(found, tx.zone)
    params |= {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "now": tx.now, "samples": SAMPLES}
    tx.execute(f"set local statement_timeout = '{TIMEOUT_SECONDS}s'")
    started = perf_counter()
    try:
        # Planned for these very values: how rare a category is decides where to begin.
        row = tx.cursor(text, params, prepare=False).fetchone()
    except QueryCanceled as error:
        raise Unavailable(
            "preview_slow",
            f"预览超过 {TIMEOUT_SECONDS} 秒，请缩小条件范围；保存后分群仍会在后台计算完成。",
            f"The preview took longer than {TIMEOUT_SECONDS} s; narrow the conditions. A saved segment is still worked out in the background.",
        ) from error
    took_ms = round((perf_counter() - started) * 1000)
    count, ids = row or (0, [])
    return Preview(count, ids, took_ms)


def preview_sql(found: Checked, zone: str) -> tuple[str, dict[str, object]]:
    """SQL for ``count, ids``, with what it binds beside tenant, buckets, now and samples."""
    fragment = by_join(joined(found, zone))
    text = f"""
    select count(*), coalesce((array_agg(i.id))[1:%(samples)s], '{{}}')
    from (
      select {ALIAS}.id from {CUSTOMER_SOURCE} as {ALIAS} {" ".join(fragment.joins)}
      where {ALIAS}.tenant_id = %(tenant)s and ({fragment.text})
    ) as i
    """
    return text, dict(fragment.bound)
