"""The archive's library in its process, the keys that open what it pulls, and what messages say: fixed vectors, crashes, hangs."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tandem.connectors.wecom.archive.keys import NoKey, keys_of, random_key
from tandem.connectors.wecom.archive.library import LibraryFailure
from tandem.connectors.wecom.archive.mapping import NotPlain, read
from tandem.connectors.wecom.archive.native import NativeLibrary
from tandem.connectors.wecom.archive.process import CALM_SECONDS, LibraryProcess
from tandem.connectors.wecom.archive.simulated import SimulatedLibrary, seal
from tandem.connectors.wecom.simulator.archive import PRIVATE_KEY

#: Sealed once with the simulated corporation's public key, PKCS#1 v1.5.
VECTOR = (
    "LuogpxGGLfDrK6FI0+qfhhpC96YwT+Sn0tRcwi5cTIqHxJ67HQdeadnRECkJQCHq5yZb4ssSaLZ3KZ525AxDSdX6+V7M1sFW6SQiRyPhWl63tw"
    "Yd6BB7arnAbmlEmfix3RwNFB9IYtsrN7aJmPqzFQWJsfV5TW5iHWQe2hL4dT83Yfollac2cXCJDYQ9SsQAYnCQnO2OXdFi9h/oTX2U8JZhk9ay"
    "ynRLok4vtOM3q5PPB88Emh3xrdN7/JqSqK14BfPhfYiuMevSAOJKZlvqGFW7/mze442kv2QhRszfdns3rBvw4SqmsmgxNHoft3Cy2PKP3OndTa"
    "4MB03aYrERYQ=="
)
PLAIN = "0123456789abcdef0123456789abcdef"


def test_a_random_key_opens_with_the_version_that_sealed_it() -> None:
    keys = keys_of(f"1:{PRIVATE_KEY}, 2: {PRIVATE_KEY}")
    assert sorted(keys) == [1, 2]
    assert random_key(keys, 1, VECTOR) == PLAIN
    with pytest.raises(NoKey, match="version 3"):
        random_key(keys, 3, VECTOR)
    with pytest.raises(NoKey):
        random_key(keys, 1, base64.b64encode(bytes(256)).decode() + "!")


def test_keys_are_read_however_they_are_pasted() -> None:
    pem = keys_of(f"1:{PRIVATE_KEY}")[1].private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    text = f"1: {pem.decode()}\n2: {pem.decode().replace(chr(10), ' ')}"
    assert {random_key(keys_of(text), version, VECTOR) for version in (1, 2)} == {PLAIN}
    for wrong in ("", "no key", "1:AAAA", f"x:{PRIVATE_KEY}"):
        with pytest.raises(NoKey):
            keys_of(wrong)


def test_a_message_is_sealed_as_before() -> None:
    sealed = seal(PLAIN, "你好", nonce=bytes(12))
    assert sealed == "AAAAAAAAAAAAAAAAxkymq1VmEbrmkRVjvR/xj0u69vywmw=="
    library = SimulatedLibrary(lambda _path, _query: b"{}", "corp", "secret")
    assert library.open(PLAIN, sealed) == "你好"
    with pytest.raises(LibraryFailure):
        library.open("another key", sealed)


def _plain(**more: Any) -> str:
    body = {
        "msgid": "m1", "action": "send", "from": "wmA", "tolist": ["linda"], "roomid": "", "msgtime": 1_700_000_000_123, "msgtype": "text",
        "text": {"content": "在吗"},
    }  # fmt: skip
    return json.dumps({**body, **more})


def test_what_messages_say() -> None:
    one = read(7, "m1", _plain())
    assert (one.by, one.member, one.external, one.text, one.what) == ("customer", "linda", "wmA", "在吗", "message")
    assert one.at == datetime.fromtimestamp(1_700_000_000.123, UTC)
    answer = read(8, "m2", _plain(**{"from": "linda", "tolist": ["wmA"]}))
    assert (answer.by, answer.external) == ("staff", "wmA")
    file = read(9, "m3", _plain(msgtype="file", file={"filename": "价目.pdf", "sdkfileid": "f1", "filesize": 9}))
    assert (file.text, file.media) == ("价目.pdf", {"filename": "价目.pdf", "sdkfileid": "f1", "filesize": 9})
    mixed = {"item": [{"type": "text", "content": json.dumps({"content": "看图"})}, {"type": "image", "content": "{}"}]}
    assert read(10, "m4", _plain(msgtype="mixed", mixed=mixed)).text == "看图"
    assert read(11, "m5", _plain(msgtype="revoke", action="recall", revoke={"pre_msgid": "m1"})).recalls == "m1"
    assert read(12, "m6", _plain(msgtype="agree", agree={"userid": "wmA"})).what == "agree"
    assert read(13, "m7", _plain(msgtype="disagree", disagree={"userid": "wmA"})).what == "refuse"
    record = {"title": "记录", "item": [{"type": "ChatRecordText", "content": json.dumps({"content": "转账给我"})}]}
    assert read(14, "m8", _plain(msgtype="chatrecord", chatrecord=record)).text == "转账给我"


@pytest.mark.parametrize(
    "more",
    [
        {"roomid": "wr1"},
        {"action": "switch"},
        {"tolist": ["wmB"]},
        {"tolist": ["a", "b"]},
        {"from": "wb1"},
        {"from": "tom"},
    ],
)
def test_groups_robots_and_colleagues_are_counted_and_not_kept(more: dict[str, Any]) -> None:
    assert read(1, "m", _plain(**more)).what == "other"


@pytest.mark.parametrize("plain", ["", "[]", "{}", '{"msgtime": "soon"}'])
def test_what_is_no_message_is_refused(plain: str) -> None:
    with pytest.raises(NotPlain):
        read(1, "m", plain)


def test_what_a_client_broke_stops_no_archive() -> None:
    """An emoji cut in two, NUL, a moment outside of the calendar: read without it or refused, never anything else raised."""
    half = read(1, "m", _plain(text={"content": "好\ud83d的\0吧"}))
    assert half.text == "好?的吧"
    record = {"item": [{"type": "ChatRecordText", "content": json.dumps({"content": "转\ud83d账"})}]}
    assert read(2, "m", _plain(msgtype="chatrecord", chatrecord=record)).text == "转?账"
    assert (
        read(3, "m", _plain(msgtype="file", file={"filename": "a\ud83d.pdf", "sdkfileid": "f"})).media["filename"]
        == "a?.pdf"
    )
    for more in ({"msgtime": 10**18}, {"tolist": 5}, {"msgtype": "mixed", "mixed": {"item": 5}}):
        with pytest.raises(NotPlain):
            read(4, "m", _plain(**more))


# ------------------------------------------------------------------------------------------------------------- process

CHILD = """
import json, os, sys, time
for line in sys.stdin:
    asked = json.loads(line)
    if asked.get("do") == "pull" and asked["seq"] == 1: os.kill(os.getpid(), 11)
    if asked.get("do") == "pull" and asked["seq"] == 2: time.sleep(60)
    if asked.get("do") == "pull" and asked["seq"] == 3: print("not json", flush=True); continue
    if asked.get("do") == "pull" and asked["seq"] == 4: print(json.dumps({"told": "busy", "ret": 10001}), flush=True); continue
    print(json.dumps({"ok": [] if asked.get("do") else True}), flush=True)
"""


def _process(clock: list[float]) -> LibraryProcess:
    command = [sys.executable, "-I", "-S", "-c", CHILD]
    return LibraryProcess({"library": "test"}, command, seconds=60.0, clock=lambda: clock[0])


@pytest.mark.parametrize("seq", [1, 3])
def test_a_library_that_breaks_is_a_failure_here_and_is_started_again_later(seq: int) -> None:
    clock = [1000.0]
    process = _process(clock)
    assert process.pull(0, 10) == []
    first = process.pid
    with pytest.raises(LibraryFailure) as broken:
        process.pull(seq, 10)
    assert broken.value.passing
    assert process.pid is None
    with pytest.raises(LibraryFailure, match="left alone"):
        process.pull(0, 10)
    clock[0] += 1.5
    assert process.pull(0, 10) == []
    assert process.pid not in {None, first}
    process.close()


def test_pauses_grow_though_it_answers_well_in_between_and_begin_anew_after_a_calm_while() -> None:
    clock = [1000.0]
    process = _process(clock)

    def breaks() -> float:
        assert process.pull(0, 10) == []  # a good start, and a good answer
        with pytest.raises(LibraryFailure):
            process.pull(1, 10)
        return process._not_before - clock[0]

    pauses: list[float] = []
    for _ in range(3):
        pauses.append(breaks())
        clock[0] += pauses[-1]
    assert pauses == [1.0, 2.0, 5.0]
    clock[0] += CALM_SECONDS + 1
    assert breaks() == 1.0
    process.close()


def test_a_library_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    process = LibraryProcess({"library": "test"}, [sys.executable, "-I", "-S", "-c", CHILD], seconds=60.0)
    assert process.pull(0, 10) == []
    child = process._process
    assert child is not None
    process.seconds = 0.2
    with pytest.raises(LibraryFailure, match="TimeoutError"):
        process.pull(2, 10)
    assert child.poll() is not None


def test_a_refusal_leaves_the_process_alone() -> None:
    process = _process([0.0])
    with pytest.raises(LibraryFailure) as refused:
        process.pull(4, 10)
    assert (refused.value.ret, refused.value.passing) == (10001, True)
    assert process.pid is not None
    assert process.pull(0, 10) == []
    process.close()


STAND_IN = r"""
#include <stdlib.h>
#include <string.h>
typedef struct { char *buf; int len; } Slice;
typedef struct { char *out; int out_len; char *data; int data_len; int finish; } Media;
void *NewSdk() { return malloc(1); }
int Init(void *s, const char *corp, const char *secret) { return strcmp(secret, "right") ? 10004 : 0; }
void DestroySdk(void *s) { free(s); }
Slice *NewSlice() { return calloc(1, sizeof(Slice)); }
void FreeSlice(Slice *s) { free(s->buf); free(s); }
char *GetContentFromSlice(Slice *s) { return s->buf; }
int GetSliceLen(Slice *s) { return s->len; }
static int put(Slice *s, const char *t) { s->buf = strdup(t); s->len = strlen(t); return 0; }
int GetChatData(void *k, unsigned long long seq, unsigned int limit, const char *p, const char *w, int t, Slice *s) {
  return put(s, seq ? "{\"errcode\":0,\"chatdata\":[]}" : "{\"errcode\":0,\"chatdata\":[{\"seq\":5,\"msgid\":\"m\",\"publickey_ver\":1,"
    "\"encrypt_random_key\":\"k\",\"encrypt_chat_msg\":\"c\"}]}"); }
int DecryptData(const char *key, const char *msg, Slice *s) { return strcmp(key, "k") ? 10006 : put(s, "{}"); }
Media *NewMediaData() { return calloc(1, sizeof(Media)); }
void FreeMediaData(Media *m) { free(m); }
int GetMediaData(void *k, const char *at, const char *id, const char *p, const char *w, int t, Media *m) {
  m->out = "next"; m->out_len = 4; m->data = "ab"; m->data_len = 2; m->finish = *at != 0; return strcmp(id, "f") ? 10005 : 0; }
char *GetData(Media *m) { return m->data; }
int GetDataLen(Media *m) { return m->data_len; }
char *GetOutIndexBuf(Media *m) { return m->out; }
int GetIndexLen(Media *m) { return m->out_len; }
int IsMediaDataFinish(Media *m) { return m->finish; }
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler on this machine")
def test_the_native_library_is_called_as_its_header_says(tmp_path: Path) -> None:
    source, built = tmp_path / "sdk.c", tmp_path / "sdk.so"
    source.write_text(STAND_IN)
    subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", str(built), str(source)], check=True)
    with pytest.raises(LibraryFailure) as refused:
        NativeLibrary(str(built), "corp", "wrong")
    assert refused.value.ret == 10004
    library = NativeLibrary(str(built), "corp", "right")
    (one,) = library.pull(0, 10)
    assert (one.seq, one.number, one.key_version, one.message) == (5, "m", 1, "c")
    assert library.pull(5, 10) == []
    assert library.open("k", "c") == "{}"
    first = library.media("f", "")
    assert (first.data, first.place) == (b"ab", "next")
    assert library.media("f", first.place).place == ""
    for broken in (lambda: library.open("x", "c"), lambda: library.media("g", "")):
        with pytest.raises(LibraryFailure):
            broken()
    library.close()
