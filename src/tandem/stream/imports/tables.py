"""Tables of file imports: the file in sealed pieces, how far it is, and the rows that were refused."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow


class ImportFile(TenantRow, Base):
    """One uploaded file. Until it has a job it can still be remapped; from then on the job says how far it is."""

    __tablename__ = "import_file"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    encoding: Mapped[str]
    delimiter: Mapped[str]
    header: Mapped[list[str]]
    mapping: Mapped[dict[str, Any]]
    """Field -> column number."""
    source: Mapped[str]
    key_day: Mapped[date]
    pieces: Mapped[int]
    rows_total: Mapped[int]
    accepted: Mapped[int] = mapped_column(server_default="0")
    duplicates: Mapped[int] = mapped_column(server_default="0")
    updates: Mapped[int] = mapped_column(server_default="0")
    refused: Mapped[int] = mapped_column(server_default="0")
    job_id: Mapped[UUID | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]


class ImportPiece(TenantRow, Base):
    """A piece of the file, whole records only, sealed under the day's key. Deleted when done."""

    __tablename__ = "import_piece"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rows: Mapped[int]
    rows_enc: Mapped[bytes]


class ImportRefusal(TenantRow, Base):
    """A row that was refused, with the reason; the row itself is sealed under the day's key."""

    __tablename__ = "import_refusal"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    row_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Line of the file as a spreadsheet numbers it: the header is 1."""
    row_enc: Mapped[bytes]
    zh: Mapped[str]
    en: Mapped[str]
