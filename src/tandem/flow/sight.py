"""Who sees rows about things that have no customer: whoever sees the thing (docs/decisions/0183-who-sees-a-thing-sees-its-runs.md).

Part of row policies of the web, for people who see less than their company. The thing's own table is asked under its own policy (its store,
its owner), by key and for one row at a time: a scalar subquery is never answered by hashing a whole table.
"""

from __future__ import annotations

from typing import Final

#: Over a row with customer_id, bucket, subject_type and subject_id.
OF_THING: Final = (
    "$table.customer_id is null and $table.subject_id is not null and coalesce("
    "(select true from thing as own where own.bucket = $table.bucket and own.id = $table.subject_id and own.tenant_id = $table.tenant_id"
    " and own.type = $table.subject_type),"
    " (select true from stock_level as own where own.tenant_id = $table.tenant_id and own.bucket = $table.bucket and own.id = $table.subject_id"
    " and $table.subject_type = 'stock_item'),"
    " (select true from sales_order as own where own.bucket = $table.bucket and own.id = $table.subject_id and own.tenant_id = $table.tenant_id"
    " and $table.subject_type = 'order'), false)"
)
#: Over a row with customer_id, bucket and run_id: whoever sees the run.
OF_RUN: Final = (
    "$table.customer_id is null and coalesce((select true from flow_run as own where own.bucket = $table.bucket and own.id = $table.run_id"
    " and own.tenant_id = $table.tenant_id and own.customer_id is null), false)"
)
