"""What a workbook says of its sheets: where each stands, which styles show dates, its table of texts, which cells are merged."""

from __future__ import annotations

import posixpath
import re
import secrets
import zipfile
from collections.abc import Iterator
from typing import Final

from tandem.kernel.crypto import KEY_BYTES
from tandem.stream.imports.shared_strings import SharedStrings
from tandem.stream.imports.sheet_xml import CHUNK_BYTES, Attributes, DamagedError, elements, shared_texts, styles

_MERGE: Final = re.compile(rb'mergeCell\s[^>]*?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_END: Final = re.compile(rb"</(?:\w+:)?sheetData\s*>|<(?:\w+:)?sheetData\s*/>")
_OVERLAP: Final = 200
_TAIL_BYTES_MAX: Final = 20_000_000


class Workbook:
    """The parts of an XLSX file beside its cells. Raises DamagedError or what zip makes of a broken file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        main = next((target for kind, target in self._relations("").values() if kind == "officeDocument"), None)
        if main is None:
            raise DamagedError("no workbook")
        self._related = self._relations(main)
        self.is_1904 = False
        self.sheets: list[tuple[str, str]] = []
        """(name, part) of every sheet of cells, in their order."""
        with archive.open(main) as part:
            for name, attributes in elements(part):
                self._note(name, attributes)
        self.kinds = self._styles()

    def _note(self, name: str, attributes: Attributes) -> None:
        if name == "workbookPr":
            self.is_1904 = attributes.get("date1904", "0") in {"1", "true"}
        elif name == "sheet":
            kind, target = self._related.get(attributes.get("id", ""), ("", ""))
            if kind == "worksheet":
                self.sheets.append((attributes.get("name", ""), target))

    def _relations(self, of: str) -> dict[str, tuple[str, str]]:
        """The parts that a part names: id -> (kind, part)."""
        folder, name = posixpath.split(of)
        found: dict[str, tuple[str, str]] = {}
        with self._archive.open(posixpath.join(folder, "_rels", f"{name}.rels")) as part:
            for tag, attributes in elements(part):
                if tag == "Relationship" and attributes.get("TargetMode") != "External":
                    target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
                    found[attributes.get("Id", "")] = (posixpath.basename(attributes.get("Type", "")), target)
        return found

    def _part(self, kind: str) -> str | None:
        found = next((target for one, target in self._related.values() if one == kind), None)
        return found if found in self._archive.NameToInfo else None

    def _styles(self) -> list[str]:
        name = self._part("styles")
        if name is None:
            return []
        with self._archive.open(name) as part:
            return styles(part)

    def texts(self) -> SharedStrings:
        """The table of texts, laid aside."""
        name = self._part("sharedStrings")
        key = secrets.token_bytes(KEY_BYTES)
        if name is None:
            return SharedStrings((), key)
        with self._archive.open(name) as part:
            return SharedStrings(shared_texts(part), key)

    def merged(self, sheet: str) -> list[str]:
        """The merged ranges of a sheet ("A1:B2"). They stand behind its cells, so the part is unpacked, though not read, once."""
        return [found.group(1).decode() for found in _MERGE.finditer(b"".join(self._tail(sheet)))]

    def _tail(self, sheet: str) -> Iterator[bytes]:
        """What stands behind the cells."""
        behind, kept, size = False, b"", 0
        with self._archive.open(sheet) as part:
            while chunk := part.read(CHUNK_BYTES):
                if not behind:
                    kept = kept[-_OVERLAP:] + chunk
                    end = _END.search(kept)
                    behind, chunk = end is not None, b"" if end is None else kept[end.end() :]
                size += len(chunk)
                if size > _TAIL_BYTES_MAX:
                    raise DamagedError("too long")
                if chunk:
                    yield chunk
