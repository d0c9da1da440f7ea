"""The keys of a tenant and of its days, opened once per process."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

from tandem.kernel.crypto import MasterKey, TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.settings import settings


def tenant_keys(tx: Tx) -> TenantKeys:
    """The keys of the transaction's tenant. Raises Misconfigured when the master key is not the one they were made with."""
    wrapped: bytes = tx.value("select key_enc from tenant where id = %(tenant)s", {"tenant": tx.tenant_id})
    return _opened(bytes(wrapped), settings().master_key_bytes())


def keys_of_day(tx: Tx, day: date) -> tuple[TenantKeys, bytes]:
    """What `tenant_keys` and `day_key` give, asked for together."""
    params: dict[str, object] = {"tenant": tx.tenant_id, "day": day}
    row = tx.cursor(_BOTH_KEYS, params, prepare=True).fetchone()
    if row is None:
        message = f"unknown tenant {tx.tenant_id}"
        raise LookupError(message)
    return opened_keys(tx, day, row[0], row[1])


def opened_keys(tx: Tx, day: date, tenant_wrapped: bytes, day_wrapped: bytes | None) -> tuple[TenantKeys, bytes]:
    """What `keys_of_day` gives, for whoever has read both as they are stored; the day's is made where it has none."""
    keys = _opened(bytes(tenant_wrapped), settings().master_key_bytes())
    return keys, data_key(keys, bytes(day_wrapped)) if day_wrapped is not None else day_key(tx, keys, day)


_BOTH_KEYS: Final = """
select t.key_enc, (select d.key_enc from intake_day_key d where d.tenant_id = %(tenant)s and d.day = %(day)s)
from tenant t where t.id = %(tenant)s
"""


@lru_cache(maxsize=1024)
def _opened(wrapped: bytes, master: bytes) -> TenantKeys:
    return MasterKey(master).tenant_keys(wrapped)


def day_key(tx: Tx, keys: TenantKeys, day: date) -> bytes:
    """The data key of one day's raw envelopes, made when the day has none yet."""
    params: dict[str, object] = {"tenant": tx.tenant_id, "day": day}
    wrapped = tx.value(_DAY_KEY, params)
    if wrapped is None:
        params["fresh"] = keys.new_data_key()[1]
        tx.execute(
            "insert into intake_day_key (tenant_id, day, key_enc) values (%(tenant)s, %(day)s, %(fresh)s) on conflict do nothing",
            params,
        )
        wrapped = tx.value(_DAY_KEY, params)
    return data_key(keys, bytes(wrapped))


_DAY_KEY = "select key_enc from intake_day_key where tenant_id = %(tenant)s and day = %(day)s"


@lru_cache(maxsize=65536)
def data_key(keys: TenantKeys, wrapped: bytes) -> bytes:
    """An opened data key. Kept for the process's life like the tenant's own; erasure deletes what it sealed as well."""
    return keys.unwrap(wrapped)
