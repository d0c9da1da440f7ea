"""What erasure and export do with each table, read from the tables themselves, so that a new one cannot be forgotten silently.

A table of a customer's (or subject's) rows is erased by deleting them, unless its `info` says `"erasure": "unname"`: then its rows stay,
with their amounts, and lose the person. Any other table that could name somebody is listed in `ELSEWHERE` with what happens to it; a test
fails for one that is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from sqlalchemy import Table

from tandem.kernel.schema import Base, info_of

Treatment = Literal["delete", "unname", "scan", "blank", "keep"]

#: Tables that are no customer's own: what happens, and why that is enough.
ELSEWHERE: Final[dict[str, tuple[Treatment, str]]] = {
    "identifier": ("delete", "her identifiers name nobody any more; their salted hashes go to `suppression`"),
    "identity_portrait": ("delete", "what records said of her"),
    "customer_merge": ("delete", "who was merged into whom is part of the person"),
    "merge_command": ("delete", "as above, still to be done or long done"),
    "merge_review": ("delete", "as above, waiting for a decision"),
    "entity_key": ("unname", "the order's number stays, so that a redelivery is no new order"),
    "coupon_key": ("unname", "the code stays taken; for whom it was issued is lost"),
    "audit_entry": ("blank", "who did what when stays; what stood in the person's fields goes"),
    "intake": ("scan", "raw envelopes are opened and those that name her are deleted"),
    "quarantine": ("scan", "records that were not understood are opened and those that name her are deleted"),
    "import_file": ("keep", "a file's name, its columns and counts, and the file's own key; the rows stand below"),
    "import_piece": ("scan", "pieces of files still waiting are opened; one that names her is given up"),
    "import_part": (
        "keep",
        "a large file until it is cut into pieces, minutes after it came; sealed under a key of its own",
    ),
    "import_trace": ("keep", "ids of whom a file touched, which name nobody once she is gone"),
    "export_file": ("keep", "who exported what and why: filters and sums, the file's own key, no customer"),
    "export_part": (
        "keep",
        "sealed files for staff that expire by themselves, within 7 days at most; the receipt says so",
    ),
    "import_refusal": ("scan", "refused rows are opened and those that name her are deleted"),
    "rights_request": ("keep", "the request itself, with an id that names nobody and the receipt"),
    "rights_file": ("delete", "packages made for her earlier"),
    "suppression": ("keep", "salted hashes: what keeps her from coming back"),
    "intake_key": ("keep", "sources' record numbers and digests; those of envelopes found by the scan are blanked"),
    "intake_day_key": ("keep", "keys of days, none of a person's"),
    "idempotency_key": ("keep", "sealed answers that go after 24 hours"),
    "demo_pending": ("keep", "made-up records of the demo, which has no real people"),
    "beacon_visit": (
        "keep",
        "visits of nobody, by a device's keyed hash; they become hers only by her own word and go after 30 days",
    ),
    "friend_call": (
        "keep",
        "which adviser was added by which code; what names her is sealed and emptied within 20 seconds, a keyed hash tells two calls apart",
    ),
    "directory_change": ("keep", "colleagues who came, moved and left, with their roles; no customer"),
    "directory_member": ("keep", "colleagues as the company's own directory has them; no customer"),
    "staff_notice": ("keep", "what colleagues were told: flows, counts, requests; no customer's name is written there"),
    "staff_push": ("keep", "the messages that carried it to colleagues' phones"),
    "connector_grant": ("keep", "a shop's authorisation: its own tokens and what the platform told of the shop"),
    "connector_traffic": (
        "keep",
        "the last calls to a platform, sealed under keys of days that go after 7 days at most; the receipt says so",
    ),
    "archive_stray": (
        "keep",
        "messages of people not known yet, sealed under keys of days; they find their customer or go after 3 days",
    ),
    "job": ("keep", "ids and counts of work; payloads name requests and files, not people"),
}
#: Columns that say who somebody is, or may hold it.
_NAMING: Final = (
    "customer_id",
    "origin_id",
    "survivor_id",
    "loser_id",
    "a_id",
    "b_id",
    "value_hash",
    "name_hash",
    "owner_id",
)
_HOLDING: Final = ("_enc", "payload", "evidence", "before", "after", "phone", "email", "address", "birthday")
#: Tables whose sealed columns are keys and secrets of the house, or hold nothing of customers.
_OURS: Final = frozenset(
    {
        "tenant",
        "source_account",
        "channel_account",
        "webhook",
        "flow_secret",
        "js_ticket",
        "api_key",
        "staff_user",
        "staff_session",
    }
)


def owned_tables() -> list[Table]:
    """Every table with rows of a customer's own, in a fixed order; `customer` itself is not among them."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if info_of(table)["kind"] in {"customer", "subject"} and "customer_id" in table.columns
    ]


def treatment(table: Table) -> Treatment:
    """What erasure does with an owned table."""
    return "unname" if info_of(table).get("erasure") == "unname" else "delete"


def forgotten(tables: Iterable[Table] | None = None) -> list[str]:
    """Tables that might name a person and that nobody has said anything about."""
    known = {table.name for table in owned_tables()} | set(ELSEWHERE) | {"customer"} | _OURS
    return [
        table.name
        for table in (Base.metadata.sorted_tables if tables is None else tables)
        if table.name not in known and any(_names_somebody(column.name) for column in table.columns)
    ]


def _names_somebody(column: str) -> bool:
    return column in _NAMING or column.endswith(_HOLDING)
