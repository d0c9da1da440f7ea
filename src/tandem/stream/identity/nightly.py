"""The nightly comparison of one tenant: read customers in slices, let Splink compare them, lay pairs before people or file merges.

It runs in a process of its own, so that a night's computing slows no turn. What leaves the database stays in that process: hashes of names,
genders, birthdays, places, hashes of devices, and numbers reduced to what a marketplace would show of them. Weights are learnt monthly and
used nightly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.kernel import apart
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS
from tandem.kernel.rounds import Rounds
from tandem.stream.customer.personal import Opener
from tandem.stream.identity import filing, likeness, store
from tandem.stream.identity.composite import mask_of
from tandem.stream.identity.likeness import Likeness
from tandem.stream.identity.person import contradiction
from tandem.stream.identity.portrait import Portrait, latest
from tandem.stream.identity.portraits import read_portraits, read_rules
from tandem.stream.identity.rules import Rules

log = structlog.get_logger(__name__)

TRAINED_FOR: Final = timedelta(days=30)
IDLE_SECONDS: Final = 600.0
CUSTOMERS_MAX: Final = 3_000_000
"""More than this does not fit beside a worker; the newest are compared."""
BOUNDS: Final = apart.Bounds(seconds=50 * 60, memory_bytes=apart.machine_memory() // 2)
"""Ended before its claim runs out after an hour and another worker begins."""
MERGED_FROM: Final = likeness.TRAINED_FROM
"""Tenants with fewer customers are asked about every pair: their weights are stated ones, learnt from nobody of theirs."""
_SLICE: Final = 16
_PAIRS_AT_ONCE: Final = 2_000
_ROUNDS: Final = Rounds("identity.nightly")


def run(db: Database) -> float:
    """A worker's job: compare the customers of each tenant whose night has come; returns the seconds until it looks again."""
    if not likeness.is_installed():
        return IDLE_SECONDS * 6
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from identity_uncompared_tenants()")]
    _ROUNDS.each(tenants, lambda tenant: compare_apart(db, tenant) if _are_two(db, tenant) else 0)
    return IDLE_SECONDS


def compare_apart(db: Database, tenant: UUID, bounds: apart.Bounds = BOUNDS) -> int:
    """`compare` in a process of its own. Raises ApartFailed when it did not come to its end; it is tried again after an hour."""
    answer: int = apart.call(f"{__name__}:compare_at", [db.url("worker"), str(tenant)], bounds)
    return answer


def _are_two(db: Database, tenant: UUID) -> bool:
    """One alone is like nobody: no process is begun for that."""
    query = "select true from customer where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s offset 1 limit 1"
    with db.tx("worker", tenant=tenant) as tx:
        return tx.value(query, {"buckets": list(range(BUCKETS)), "tenant": tenant}) is True


def compare_at(address: str, tenant: str) -> int:
    """What the other process does: `compare` over connections of its own."""
    db = Database({"worker": address}, size=1)
    try:
        return compare(db, UUID(tenant))
    finally:
        db.close()


def compare(db: Database, tenant: UUID) -> int:
    """Compare a tenant's customers; returns how many pairs were filed. 0 as well when another worker is at it."""
    with db.tx("worker", tenant=tenant) as tx:
        claimed = _claim(tx)
        rules = read_rules(tx)
    if claimed is None:
        return 0
    people = likeness.table([row for start in range(0, BUCKETS, _SLICE) for row in _read(db, tenant, start)])
    if people.num_rows < 2:
        _give_back(db, tenant)
        return 0
    model, trained_at = claimed
    is_fresh = model is not None and trained_at is not None
    weights = model if is_fresh and model is not None else likeness.train(people)
    found = likeness.propose(people, weights, above=rules.review_above)
    if people.num_rows < MERGED_FROM:
        rules = msgspec.structs.replace(rules, merge_above=None)
    filed = merged = 0
    for start in range(0, len(found), _PAIRS_AT_ONCE):
        with db.tx("worker", tenant=tenant) as tx:
            reviews, merges = _file(tx, rules, found[start : start + _PAIRS_AT_ONCE])
        filed, merged = filed + reviews, merged + merges
    with db.tx("worker", tenant=tenant) as tx:
        # Weights of too few are stated ones: they are not kept, so that learning begins when there is enough to learn from.
        learnt = None if is_fresh or people.num_rows < likeness.TRAINED_FROM else weights
        _note(tx, learnt, people.num_rows, filed, merged)
    log.info("identity_compared", tenant=str(tenant), customers=people.num_rows, reviews=filed, merges=merged)
    return filed + merged


def _claim(tx: Tx) -> tuple[likeness.Model | None, datetime | None] | None:
    """The weights to use, or None when another worker has begun; a worker that died gives way after an hour."""
    rows = tx.dicts(
        """
        insert into identity_model as m (tenant_id, started_at) values (%(tenant)s, clock_timestamp())
        on conflict (tenant_id) do update set started_at = clock_timestamp()
        where m.started_at is null or m.started_at < clock_timestamp() - interval '1 hour' or m.scored_at > m.started_at
        returning case when m.trained_at > clock_timestamp() - %(fresh)s then m.model end as model, m.trained_at
        """,
        {"tenant": tx.tenant_id, "fresh": TRAINED_FOR},
    )
    return (rows[0]["model"], rows[0]["trained_at"]) if rows else None


def _give_back(db: Database, tenant: UUID) -> None:
    """Nobody to compare yet: the night has not been."""
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute("update identity_model set started_at = null where tenant_id = %(tenant)s", {"tenant": tenant})


def _note(tx: Tx, weights: likeness.Model | None, customers: int, filed: int, merged: int) -> None:
    tx.execute(
        """
        update identity_model set scored_at = clock_timestamp(), customers = %(customers)s, proposed = %(filed)s, merged = %(merged)s,
          model = coalesce(%(weights)s, model), trained_at = case when %(weights)s is null then trained_at else clock_timestamp() end
        where tenant_id = %(tenant)s
        """,
        {
            "tenant": tx.tenant_id,
            "weights": None if weights is None else Jsonb(weights),
            "customers": customers,
            "filed": filed,
            "merged": merged,
        },
    )


# ------------------------------------------------------------------------------------------------------------- reading

_CUSTOMERS: Final = """
select id, gender, birthday, city, district from customer
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and merged_into is null and not held
order by id desc limit %(most)s
"""

_EVIDENCE: Final = """
select customer_id, origin_id, kind, value_hash, value_enc from customer_identifier
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and kind in ('phone', 'masked_phone', 'device')
"""


def _read(db: Database, tenant: UUID, start: int) -> Iterator[likeness.Model]:
    """The living customers of some buckets as Splink reads them, in one short transaction."""
    with db.tx("worker", tenant=tenant) as tx:
        params = {
            "tenant": tenant,
            "buckets": list(range(start, start + _SLICE)),
            "most": CUSTOMERS_MAX * _SLICE // BUCKETS,
        }
        rows = {row["id"]: row for row in tx.dicts(_CUSTOMERS, params)}
        evidence = tx.cursor(_EVIDENCE, params).fetchall()
        said: dict[UUID, list[Portrait]] = {}
        for customer, portrait in read_portraits(tx, list(rows)):
            said.setdefault(customer, []).append(portrait)
        opener = Opener.of(tx, {origin for _, origin, kind, *_ in evidence if kind != "device"})
    masks: dict[UUID, set[str]] = {}
    devices: dict[UUID, set[str]] = {}
    for customer, origin, kind, value_hash, sealed in evidence:
        if kind == "device":
            devices.setdefault(customer, set()).add(bytes(value_hash).hex())
        elif (value := opener.open(origin, sealed)) is not None:
            mask = mask_of(value) if kind == "phone" else value
            if mask is not None:
                masks.setdefault(customer, set()).add(mask)
    for customer, row in rows.items():
        yield {
            "unique_id": str(customer),
            **_shown(row, said.get(customer, [])),
            "mask": sorted(masks.get(customer, ())),
            "device": sorted(devices.get(customer, ())),
        }


def _shown(row: dict[str, Any], said: Sequence[Portrait]) -> dict[str, str | None]:
    """The name as last said; everything else as the profile settled it between the sources."""
    birthday: date | None = row["birthday"]
    profile = Portrait(
        gender=row["gender"],
        birthday=None if birthday is None else birthday.isoformat(),
        city=row["city"],
        district=row["district"],
    )
    return {**latest([profile]), **{name: latest(said)[name] for name in ("name", "surname")}}


# -------------------------------------------------------------------------------------------------------------- filing


def _file(tx: Tx, rules: Rules, found: Sequence[Likeness]) -> tuple[int, int]:
    """Merges for what the tenant lets join without asking, reviews for the rest; pairs that contradict are neither."""
    people = store.people(tx, {one for pair in found for one in (pair.one, pair.other)})
    sound = [pair for pair in found if contradiction(people[pair.one], people[pair.other]) is None]
    bound = rules.merge_above
    merges = [pair for pair in sound if bound is not None and pair.probability >= bound and pair.may_join]
    asked = {id(pair) for pair in merges}
    reviews = [pair for pair in sound if id(pair) not in asked]
    filed = filing.file_likely_merges(tx, merges)
    if filed:
        audit.record(tx, "customer.merged", "merge_review", "likely", None, {"pairs": filed})
    return filing.file_likely_reviews(tx, reviews), filed
