"""A spreadsheet's table of texts, kept beside the memory: cells name them by number, mostly in the order in which they stand."""

from __future__ import annotations

import tempfile
import zlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable
from typing import IO, Final

import msgspec

from tandem.kernel.crypto import TenantKeys

BLOCK_STRINGS: Final = 256
BLOCK_CHARACTERS: Final = 262_144
"""A block ends here too: a few hundred very long texts are not held together."""
BLOCKS_HELD: Final = 512


class SharedStrings:
    """Texts by number: a stretch of them at a time in memory, the rest in a nameless file, sealed under a key that nobody keeps."""

    def __init__(self, texts: Iterable[str], key: bytes) -> None:
        self._key = key
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the last reference to it
        self._firsts: list[int] = []
        self._places: list[tuple[int, int]] = []
        self._held: OrderedDict[int, list[str]] = OrderedDict()
        self.count = 0
        self._fill(texts)

    def _fill(self, texts: Iterable[str]) -> None:
        block: list[str] = []
        characters = 0
        for text in texts:
            block.append(text)
            characters += len(text)
            if len(block) == BLOCK_STRINGS or characters > BLOCK_CHARACTERS:
                self._write(block)
                block, characters = [], 0
        if block:
            self._write(block)

    def _write(self, block: list[str]) -> None:
        sealed = TenantKeys.seal_bytes(self._key, zlib.compress(msgspec.json.encode(block), 1))
        self._places.append((self._file.tell(), len(sealed)))
        self._file.write(sealed)
        self._firsts.append(self.count)
        self.count += len(block)

    def __getitem__(self, number: int) -> str:
        """One text. Raises IndexError for a number that the table does not have."""
        if not 0 <= number < self.count:
            raise IndexError(number)
        at = bisect_right(self._firsts, number) - 1
        block = self._held.get(at)
        if block is None:
            block = self._held[at] = self._read(at)
            if len(self._held) > BLOCKS_HELD:
                self._held.popitem(last=False)
        return block[number - self._firsts[at]]

    def _read(self, at: int) -> list[str]:
        place, size = self._places[at]
        self._file.seek(place)
        opened = TenantKeys.open_bytes(self._key, self._file.read(size))
        return msgspec.json.decode(zlib.decompress(opened), type=list[str])
