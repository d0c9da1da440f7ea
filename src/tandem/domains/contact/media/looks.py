"""What a file is, by its own bytes: its name and what a browser calls it are somebody's word. Pure."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Literal

Kind = Literal["image", "video", "file"]

#: The most that the platform takes of each kind (LWdoc:3253): a picture 2 MB, a video 10 MB, a file 20 MB.
BYTES_MAX: Final[Mapping[Kind, int]] = {"image": 2 << 20, "video": 10 << 20, "file": 20 << 20}
BYTES_LEAST: Final = 6
"""The platform takes nothing of five bytes or less."""
SIDE_MAX: Final = 20_000
_OFFICE: Final = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "video/mp4": ("mp4",),
    "application/pdf": ("pdf",),
    _OFFICE["word/"]: ("docx",),
    _OFFICE["xl/"]: ("xlsx",),
    _OFFICE["ppt/"]: ("pptx",),
    "application/zip": ("zip",),
    "text/plain": ("txt",),
}
_TYPES_OF_MP4: Final = {
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"dash",
    b"MSNV",
}


@dataclass(frozen=True, slots=True)
class Looks:
    """What a file is."""

    kind: Kind
    type: str
    width: int | None = None
    height: int | None = None


def looks(content: bytes) -> Looks | None:
    """What the bytes are; None for what may not be sent."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        size = struct.unpack(">II", content[16:24]) if len(content) >= 24 else None
        return _image("image/png", size)
    if content.startswith(b"\xff\xd8\xff"):
        return _image("image/jpeg", _jpeg_size(content))
    if content[4:8] == b"ftyp" and content[8:12] in _TYPES_OF_MP4:
        return Looks("video", "video/mp4")
    if content.startswith(b"%PDF-"):
        return Looks("file", "application/pdf")
    if content.startswith(b"PK\x03\x04"):
        return _zipped(content)
    return _text(content)


def named(name: str, type_: str) -> str:
    """A file's name with an ending that tells the truth, without what a path or a header could be made of."""
    plain = "".join(
        one for one in name.replace("\\", "/").rpartition("/")[2] if one.isprintable() and one not in '"<>|:*?'
    )
    stem, _, ending = plain.strip(" .").rpartition(".")
    right = ENDINGS[type_]
    if stem and ending.lower() in right:
        return f"{stem[:100]}.{ending.lower()}"
    return f"{(plain.strip(' .') or 'file')[:100]}.{right[0]}"


def _image(type_: str, size: tuple[int, ...] | None) -> Looks | None:
    if size is None or not all(0 < one <= SIDE_MAX for one in size):
        return None
    return Looks("image", type_, size[0], size[1])


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Width and height from the frame's header (ITU T.81, B.2.2), found from segment to segment."""
    at = 2
    while at + 9 < len(content):
        if content[at] != 0xFF:
            return None
        mark = content[at + 1]
        if mark == 0xFF:
            at += 1
        elif 0xC0 <= mark <= 0xCF and mark not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        else:
            at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return None


def _zipped(content: bytes) -> Looks | None:
    try:
        names = zipfile.ZipFile(BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if any(name.endswith("vbaProject.bin") for name in names):
        return None  # a document with macros is a program
    found = next((type_ for begin, type_ in _OFFICE.items() if any(name.startswith(begin) for name in names)), None)
    return Looks("file", found or "application/zip")


def _text(content: bytes) -> Looks | None:
    try:
        said = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    # A page or a picture in words can hold a script: whoever opens it would run it.
    if any(ord(one) < 32 and one not in "\r\n\t\f" for one in said) or said.lstrip("\ufeff \r\n\t").startswith("<"):
        return None
    return Looks("file", "text/plain")
