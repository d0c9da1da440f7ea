"""Taking a file in: sealed as it comes, cut at once where it is small, by a job of the worker where it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.kernel import jobs
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.errors import InvalidInput
from tandem.kernel.ids import new_id
from tandem.kernel.jobs import JobRun
from tandem.kernel.live import announce
from tandem.stream.imports import cleaning, cutting, fields, memory, parts
from tandem.stream.imports.files import FileRow, get, seal_lines
from tandem.stream.imports.rows import Line
from tandem.stream.keys import tenant_keys

READ_JOB: Final = "import.read"
INLINE_BYTES_MAX: Final = 2_000_000
"""A file up to this is cut while its sender waits (well under a second); a larger one in the background."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What is said of a file as it is handed over. `mends` names the import whose refused rows it brings back."""

    kind: str
    file_name: str
    source: str
    mends: UUID | None = None


def upload(tx: Tx, file: BinaryIO, given: Upload) -> UUID:
    """Keep a file sealed; cut it now or file the job that does. Raises InvalidInput with the place of what is wrong."""
    if given.kind not in fields.FIELDS:
        raise InvalidInput(
            "unknown_kind", f"不能导入“{given.kind[:50]}”。", f"Files of kind {given.kind[:50]!r} cannot be imported."
        )
    keys = tenant_keys(tx)
    key, wrapped = keys.new_data_key()
    import_id = new_id()
    count, size = parts.keep(tx, keys, key, import_id, file)
    if not size:
        raise InvalidInput("empty_file", "文件是空的。", "The file is empty.")
    _insert(tx, import_id, given, wrapped, count, size)
    audit.record(tx, "import.uploaded", "import", import_id, None, {"kind": given.kind, "bytes": size})
    if size <= INLINE_BYTES_MAX:
        read_now(tx, keys, get(tx, import_id))
    else:
        job = jobs.file_job(tx, READ_JOB, {"import_id": str(import_id)}, total=size)
        tx.execute(
            "update import_file set read_job_id = %(job)s where tenant_id = %(tenant)s and id = %(id)s",
            {"job": job, "tenant": tx.tenant_id, "id": import_id},
        )
    announce(tx, "imports")
    return import_id


def read_now(tx: Tx, keys: TenantKeys, row: FileRow) -> None:
    """Cut a file in this transaction."""
    key = row.key(keys)
    raw = parts.Parts(lambda number: parts.open_part(tx, keys, key, row.id, number), row.bytes)
    opened = cutting.open_file(cutting.buffered(raw))
    guessed = memory.recall(tx, row.source, row.kind, opened.header, opened.sample)
    cut = cutting.write_pieces(
        cutting.pieces(row.kind, guessed.mapping, opened.lines),
        lambda first, together: keep_pieces(tx, keys, row, first, together),
    )
    settle(tx, row, opened, guessed, cut)


def read_handler(job: JobRun) -> Mapping[str, Any]:
    """What the worker runs for a large file: parts are opened one by one, pieces stored a few at a time, progress in bytes.

    Taken over after a crash it begins anew: nothing of the file is gone before the last step.
    """
    import_id = UUID(job.payload["import_id"])
    job.topic = f"import:{import_id}"
    with job.tx() as tx:
        row, keys = get(tx, import_id), tenant_keys(tx)
        _drop_pieces(tx, row.id)
    key = row.key(keys)

    def fetch(number: int) -> bytes:
        with job.tx() as tx:
            return parts.open_part(tx, keys, key, row.id, number)

    raw = parts.Parts(fetch, row.bytes)

    def write(first: int, together: Sequence[list[Line]]) -> None:
        with job.tx() as tx:
            keep_pieces(tx, keys, row, first, together)
            job.report(tx, raw.tell())

    opened = cutting.open_file(cutting.buffered(raw))
    with job.tx() as tx:
        guessed = memory.recall(tx, row.source, row.kind, opened.header, opened.sample)
    cut = cutting.write_pieces(cutting.pieces(row.kind, guessed.mapping, opened.lines), write)
    with job.tx() as tx:
        settle(tx, row, opened, guessed, cut)
        job.report(tx, row.bytes)
        announce(tx, "imports")
    return {"rows": cut[1]}


def keep_pieces(tx: Tx, keys: TenantKeys, row: FileRow, first: int, together: Sequence[Sequence[Line]]) -> None:
    """Store pieces, numbered from `first` on, in one statement."""
    key = row.key(keys)
    tx.execute(
        """
        insert into import_piece (tenant_id, import_id, number, rows, rows_enc)
        select %(tenant)s, %(import)s, p.n, p.r, p.s
        from unnest(%(numbers)s::int[], %(rows)s::int[], %(sealed)s::bytea[]) as p(n, r, s)
        """,
        {
            "tenant": tx.tenant_id,
            "import": row.id,
            "numbers": list(range(first, first + len(together))),
            "rows": [len(piece) for piece in together],
            "sealed": [seal_lines(keys, key, piece) for piece in together],
        },
    )


def _drop_pieces(tx: Tx, import_id: UUID) -> None:
    tx.execute(
        "delete from import_piece where tenant_id = %(tenant)s and import_id = %(id)s",
        {"tenant": tx.tenant_id, "id": import_id},
    )


def settle(tx: Tx, row: FileRow, opened: cutting.Opened, guessed: memory.Guess, cut: tuple[int, int]) -> None:
    """Note what a file turned out to be, and let go of it as it came: its pieces hold everything."""
    tx.execute(
        """
        update import_file
        set state = 'uploaded', format = %(format)s, encoding = %(encoding)s, delimiter = %(delimiter)s, header = %(header)s,
            mapping = %(mapping)s, cleaning = %(cleaning)s, notices = %(notices)s, pieces = %(pieces)s, rows_total = %(rows)s,
            cut_by = %(cut_by)s, parts = 0
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {
            "format": opened.format,
            "encoding": opened.dialect.encoding,
            "delimiter": opened.dialect.delimiter,
            "header": opened.header,
            "mapping": Jsonb(guessed.mapping),
            "cleaning": list(guessed.cleaning),
            "notices": Jsonb([{"zh": zh, "en": en} for zh, en in opened.notices]),
            "pieces": cut[0],
            "rows": cut[1],
            "cut_by": guessed.mapping.get("order_id"),
            "tenant": tx.tenant_id,
            "id": row.id,
        },
    )
    parts.drop(tx, row.id)


def recut(
    job: JobRun, row: FileRow, keys: TenantKeys, chosen: fields.Mapping, read: Callable[[int], list[Line]]
) -> FileRow:
    """Cut a file's pieces again where another column now tells orders apart: new pieces behind the old ones, then the old ones go."""
    first = row.pieces
    with job.tx() as tx:
        tx.execute(
            "delete from import_piece where tenant_id = %(tenant)s and import_id = %(id)s and number >= %(first)s",
            {"tenant": tx.tenant_id, "id": row.id, "first": first},
        )

    def write(number: int, together: Sequence[list[Line]]) -> None:
        with job.tx() as tx:
            keep_pieces(tx, keys, row, first + number, together)
            job.report(tx, 0)

    lines = (line for number in range(first) for line in read(number))
    count, _ = cutting.write_pieces(cutting.pieces(row.kind, chosen, lines), write)
    with job.tx() as tx:
        tx.execute(
            "delete from import_piece where tenant_id = %(tenant)s and import_id = %(id)s and number < %(first)s",
            {"tenant": tx.tenant_id, "id": row.id, "first": first},
        )
        tx.execute(
            "update import_file set pieces = %(pieces)s, cut_by = %(by)s where tenant_id = %(tenant)s and id = %(id)s",
            {"pieces": first + count, "by": chosen.get("order_id"), "tenant": tx.tenant_id, "id": row.id},
        )
        return get(tx, row.id)


def _insert(tx: Tx, import_id: UUID, given: Upload, wrapped: bytes, count: int, size: int) -> None:
    tx.execute(
        """
        insert into import_file (tenant_id, id, kind, file_name, state, format, encoding, delimiter, header, mapping, cleaning, source, key_enc,
                                 bytes, parts, pieces, rows_total, mends, created_by, created_at)
        values (%(tenant)s, %(id)s, %(kind)s, %(name)s, 'reading', '', '', '', '{}', '{}', %(cleaning)s, %(source)s, %(key)s,
                %(bytes)s, %(parts)s, 0, 0, %(mends)s, %(by)s, %(now)s)
        """,
        {
            "tenant": tx.tenant_id,
            "id": import_id,
            "kind": given.kind,
            "name": given.file_name.replace("\x00", "")[:200],
            "cleaning": list(cleaning.USUAL),
            "source": given.source,
            "key": wrapped,
            "bytes": size,
            "parts": count,
            "mends": given.mends,
            "by": tx.user_id,
            "now": tx.now,
        },
    )
