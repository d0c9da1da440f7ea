"""The bytes of an uploaded file, sealed stretch by stretch while they wait: no plain copy lies on any disk."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO, Final
from uuid import UUID

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.errors import InvalidInput

PART_BYTES: Final = 1 << 20
FILE_BYTES_MAX: Final = 512 * 1024 * 1024


def keep(tx: Tx, keys: TenantKeys, key: bytes, import_id: UUID, file: BinaryIO) -> tuple[int, int]:
    """Seal a file part by part; returns the number of parts and of bytes. Raises InvalidInput beyond 512 MB."""
    file.seek(0)
    count = size = 0
    while chunk := file.read(PART_BYTES):
        size += len(chunk)
        if size > FILE_BYTES_MAX:
            raise InvalidInput("file_too_large", "文件最大 512 MB，请拆分。", "A file may have 512 MB; split it.")
        tx.execute(
            """
            insert into import_part (tenant_id, import_id, number, bytes_enc)
            values (%(tenant)s, %(import)s, %(number)s, %(sealed)s)
            """,
            {"tenant": tx.tenant_id, "import": import_id, "number": count, "sealed": keys.seal_bytes(key, chunk)},
        )
        count += 1
    return count, size


def open_part(tx: Tx, keys: TenantKeys, key: bytes, import_id: UUID, number: int) -> bytes:
    """One part's bytes; nothing where there is no such part."""
    sealed = tx.value(
        "select bytes_enc from import_part where tenant_id = %(tenant)s and import_id = %(import)s and number = %(number)s",
        {"tenant": tx.tenant_id, "import": import_id, "number": number},
    )
    return b"" if sealed is None else keys.open_bytes(key, bytes(sealed))


class Parts(io.RawIOBase):
    """The parts as one file that can be read and set back to a place; a part at a time is in memory."""

    def __init__(self, fetch: Callable[[int], bytes], size: int) -> None:
        super().__init__()
        self._fetch = fetch
        self._size = size
        self._at = 0
        self._held = -1
        self._part = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """How many bytes have been read: the progress of whoever reads."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._at = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence] + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer from the part that holds this place."""
        number, inside = divmod(self._at, PART_BYTES)
        if self._at >= self._size:
            return 0
        if number != self._held:
            self._part, self._held = self._fetch(number), number
        piece = self._part[inside : inside + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def drop(tx: Tx, import_id: UUID) -> None:
    """Let go of the file as it came."""
    tx.execute(
        "delete from import_part where tenant_id = %(tenant)s and import_id = %(import)s",
        {"tenant": tx.tenant_id, "import": import_id},
    )
