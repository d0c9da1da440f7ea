"""The platform's own library (`libWeWorkFinanceSdk_C.so`) through ctypes, as its header names things.

Written after the published header; it was never run against the real library, which cannot be had here. A small library with the same
functions stands in for it in `tests/connectors/test_wecom_archive.py`.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from tandem.connectors.wecom.archive.library import Chunk, LibraryFailure, Sealed, as_sealed

TIMEOUT_SECONDS: Final = 10
_POINTER: Final = ctypes.c_void_p
_TEXT: Final = ctypes.c_char_p
_LONG: Final = ctypes.c_ulonglong
#: Name -> (result, arguments). `Slice_t` and `MediaData_t` are passed as pointers and read through functions only.
_FUNCTIONS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "NewSdk": (_POINTER, ()),
    "Init": (ctypes.c_int, (_POINTER, _TEXT, _TEXT)),
    "DestroySdk": (None, (_POINTER,)),
    "NewSlice": (_POINTER, ()),
    "FreeSlice": (None, (_POINTER,)),
    "GetContentFromSlice": (_POINTER, (_POINTER,)),
    "GetSliceLen": (ctypes.c_int, (_POINTER,)),
    "GetChatData": (ctypes.c_int, (_POINTER, _LONG, ctypes.c_uint, _TEXT, _TEXT, ctypes.c_int, _POINTER)),
    "DecryptData": (ctypes.c_int, (_TEXT, _TEXT, _POINTER)),
    "NewMediaData": (_POINTER, ()),
    "FreeMediaData": (None, (_POINTER,)),
    "GetMediaData": (ctypes.c_int, (_POINTER, _TEXT, _TEXT, _TEXT, _TEXT, ctypes.c_int, _POINTER)),
    "GetData": (_POINTER, (_POINTER,)),
    "GetDataLen": (ctypes.c_int, (_POINTER,)),
    "GetOutIndexBuf": (_POINTER, (_POINTER,)),
    "GetIndexLen": (ctypes.c_int, (_POINTER,)),
    "IsMediaDataFinish": (ctypes.c_int, (_POINTER,)),
}


class NativeLibrary:
    """Implements `ArchiveLibrary`. Initialised once: doing so for each call is refused after a while (WxJava #3755)."""

    def __init__(self, path: str, corp_id: str, secret: str) -> None:
        try:
            self._code = ctypes.CDLL(path)
        except OSError as error:
            raise LibraryFailure(f"the library cannot be loaded: {error}", -1) from error
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(self._code, name)
            function.restype, function.argtypes = result, arguments
        self._sdk: int = self._code.NewSdk()
        self._check("Init", self._code.Init(self._sdk, corp_id.encode(), secret.encode()))

    @staticmethod
    def _check(what: str, ret: int) -> None:
        if ret != 0:
            raise LibraryFailure(what, ret)

    def _slice(self, what: str, call: Callable[[int], int]) -> str:
        held: int = self._code.NewSlice()
        try:
            self._check(what, call(held))
            return self._bytes(self._code.GetContentFromSlice(held), self._code.GetSliceLen(held)).decode()
        finally:
            self._code.FreeSlice(held)

    @staticmethod
    def _bytes(address: int | None, length: int) -> bytes:
        return b"" if not address or length <= 0 else ctypes.string_at(address, length)

    def pull(self, seq: int, limit: int) -> Sequence[Sealed]:
        """GetChatData; its answer is JSON with an error number of its own."""
        text = self._slice(
            "GetChatData",
            lambda held: self._code.GetChatData(self._sdk, seq, limit, b"", b"", TIMEOUT_SECONDS, held),
        )
        found: dict[str, Any] = json.loads(text)
        self._check(str(found.get("errmsg") or "GetChatData"), int(found.get("errcode") or 0))
        rows: list[dict[str, Any]] = found.get("chatdata") or []
        return [as_sealed(one) for one in rows]

    def open(self, random_key: str, message: str) -> str:
        """DecryptData."""
        return self._slice(
            "DecryptData", lambda held: self._code.DecryptData(random_key.encode(), message.encode(), held)
        )

    def media(self, file_id: str, place: str) -> Chunk:
        """GetMediaData."""
        held: int = self._code.NewMediaData()
        try:
            ret = self._code.GetMediaData(self._sdk, place.encode(), file_id.encode(), b"", b"", TIMEOUT_SECONDS, held)
            self._check("GetMediaData", ret)
            data = self._bytes(self._code.GetData(held), self._code.GetDataLen(held))
            following = self._bytes(self._code.GetOutIndexBuf(held), self._code.GetIndexLen(held)).decode()
            return Chunk(data, "" if self._code.IsMediaDataFinish(held) else following)
        finally:
            self._code.FreeMediaData(held)

    def close(self) -> None:
        """DestroySdk."""
        self._code.DestroySdk(self._sdk)
