"""Tables of file imports: the file as it came, cut into sealed pieces, how far it is, what it touched, and the rows that were refused."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, SmallInteger, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow


class ImportFile(TenantRow, Base):
    """One uploaded file. `state` is "reading" until it is cut, then "uploaded"; once it runs its job says how far it is."""

    __tablename__ = "import_file"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    state: Mapped[str]
    format: Mapped[str]
    encoding: Mapped[str]
    delimiter: Mapped[str]
    header: Mapped[list[str]]
    mapping: Mapped[dict[str, Any]]
    """Field -> column number."""
    cleaning: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Names of the cleaning rules that are on."""
    notices: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    quality: Mapped[dict[str, Any] | None]
    source: Mapped[str]
    key_enc: Mapped[bytes]
    """The file's own data key: pieces, refused rows and the file as it came are sealed under it."""
    bytes: Mapped[int] = mapped_column(BigInteger())
    parts: Mapped[int]
    pieces: Mapped[int]
    cut_by: Mapped[int | None]
    """The column that tells orders apart, as it was when the file was cut."""
    rows_total: Mapped[int]
    rows_done: Mapped[int] = mapped_column(server_default="0")
    accepted: Mapped[int] = mapped_column(server_default="0")
    duplicates: Mapped[int] = mapped_column(server_default="0")
    updates: Mapped[int] = mapped_column(server_default="0")
    refused: Mapped[int] = mapped_column(server_default="0")
    left_out: Mapped[int] = mapped_column(server_default="0")
    """Rows that were taken without some of their cells."""
    people_made: Mapped[int] = mapped_column(server_default="0")
    read_job_id: Mapped[UUID | None]
    job_id: Mapped[UUID | None]
    undo_job_id: Mapped[UUID | None]
    mends: Mapped[UUID | None]
    """The import whose refused rows this file brings back, mended."""
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    reach: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid()))
    """The shops that whoever started it reaches; none written: all."""


class ImportPart(TenantRow, Base):
    """A stretch of the file's bytes as they came, sealed; deleted once the file is cut into pieces."""

    __tablename__ = "import_part"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bytes_enc: Mapped[bytes]


class ImportPiece(TenantRow, Base):
    """A piece of the file, whole records only, sealed. Deleted when done: what is left is what is still to do."""

    __tablename__ = "import_piece"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rows: Mapped[int]
    rows_enc: Mapped[bytes]


class ImportTrace(TenantRow, Base):
    """What one piece touched: the outside ids it claimed and whose they were. An undo follows it."""

    __tablename__ = "import_trace"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    piece: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    received_at: Mapped[datetime]
    external_ids: Mapped[list[str]]
    buckets: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger()))
    owners: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))


class ImportRefusal(TenantRow, Base):
    """A row that was refused, or `taken` without some of its cells, with the reason; the row itself is sealed."""

    __tablename__ = "import_refusal"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    row_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Line of the file as a spreadsheet numbers it: the header is 1."""
    taken: Mapped[bool] = mapped_column(server_default=text("false"))
    row_enc: Mapped[bytes]
    zh: Mapped[str]
    en: Mapped[str]


class ImportMapping(TenantRow, Base):
    """How a source's files were mapped last time, by the columns' names; offered again for its next file."""

    __tablename__ = "import_mapping"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    columns: Mapped[dict[str, Any]]
    """Field -> name of the column."""
    header: Mapped[list[str]]
    """All columns there were: one that is new is guessed, one that was left out stays out."""
    cleaning: Mapped[list[str]]
    saved_at: Mapped[datetime]
