"""How a source's files were mapped last time, remembered by the columns' names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.kernel.db import Tx
from tandem.stream.imports import cleaning, fields


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping to start from, and the rules that are on; `remembered` where the source's last file gave them."""

    mapping: fields.Mapping
    cleaning: tuple[str, ...]
    remembered: bool = False


@dataclass(frozen=True, slots=True)
class _Saved:
    columns: dict[str, str]
    header: list[str]
    cleaning: list[str]


def recall(tx: Tx, source: str, kind: str, header: Sequence[str], sample: Sequence[Sequence[str]]) -> Guess:
    """The mapping of this source's last file where its columns are all there again, else a guess from names and values."""
    saved = tx.maybe(
        _Saved,
        "select columns, header, cleaning from import_mapping where tenant_id = %(tenant)s and source = %(source)s and kind = %(kind)s",
        {"tenant": tx.tenant_id, "source": source, "kind": kind},
    )
    places = {name: at for at, name in reversed(list(enumerate(header)))}
    if saved is not None and saved.columns and all(name in places for name in saved.columns.values()):
        mapping = {field: places[name] for field, name in saved.columns.items()}
        fresh = ["" if name in saved.header else name for name in header]
        unseen = [[cell if fresh[at] else "" for at, cell in enumerate(row[: len(fresh)])] for row in sample]
        return Guess(
            fields.guess(kind, fresh, unseen, mapping),
            tuple(one for one in saved.cleaning if one in cleaning.NAMES),
            remembered=True,
        )
    return Guess(fields.guess(kind, header, sample), cleaning.USUAL)


def remember(
    tx: Tx, source: str, kind: str, header: Sequence[str], mapping: fields.Mapping, rules: Sequence[str]
) -> None:
    """Keep a mapping for the source's next file. Columns without a name cannot be found again and are left out."""
    columns = {field: header[column] for field, column in mapping.items() if header[column]}
    tx.execute(
        """
        insert into import_mapping (tenant_id, source, kind, columns, header, cleaning, saved_at)
        values (%(tenant)s, %(source)s, %(kind)s, %(columns)s, %(header)s, %(cleaning)s, %(now)s)
        on conflict (tenant_id, source, kind) do update
        set columns = excluded.columns, header = excluded.header, cleaning = excluded.cleaning, saved_at = excluded.saved_at
        """,
        {
            "tenant": tx.tenant_id,
            "source": source,
            "kind": kind,
            "columns": Jsonb(columns),
            "header": list(header),
            "cleaning": list(rules),
            "now": tx.now,
        },
    )


def forget(tx: Tx, import_id: UUID) -> None:
    """Let go of what is left of an import's file."""
    tx.execute(
        "delete from import_piece where tenant_id = %(tenant)s and import_id = %(id)s",
        {"tenant": tx.tenant_id, "id": import_id},
    )
