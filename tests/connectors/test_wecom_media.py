"""Files of ours with the simulated WeCom: what may be sent, handed over once for everybody, renewed before its three days are over."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from harness.connectors import Story
from harness.database import Database
from harness.door import Door
from tandem.connectors.kit import wire
from tandem.connectors.simulator.server import SimulatedTransport, Simulation
from tandem.connectors.wecom.simulator import keeping
from tandem.connectors.wecom.simulator.corp import Corp
from tandem.connectors.wecom.simulator.platform import SIMULATOR, corp_of
from tandem.domains.contact import welcomes, welcoming
from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.media import api, lending, looks, service
from tandem.domains.contact.shapes import NewWelcome
from tandem.kernel.errors import TandemError
from tandem.kernel.settings import settings


def png(side: int = 8) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\x00" + bytes(3 * side) for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_a_file_is_what_its_bytes_say() -> None:
    assert looks.looks(png(9)) == looks.Looks("image", "image/png", 9, 9)
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x20\x00\x30" + bytes(12)
    assert looks.looks(jpeg) == looks.Looks("image", "image/jpeg", 48, 32)
    assert looks.looks(b"\x00\x00\x00\x18ftypisom" + bytes(20)) == looks.Looks("video", "video/mp4")
    assert looks.looks("价目表\n奶粉 199".encode()) == looks.Looks("file", "text/plain")
    for bad in (
        b"MZ\x90\x00" + bytes(60),
        b"<svg onload=alert(1)>",
        b"\xff\xd8\xff\xff\xff",
        b"PK\x03\x04garbage",
        b"GIF89a" + bytes(9),
    ):
        assert looks.looks(bad) is None, bad
    assert looks.named("..\\..\\etc/海报\x00.exe", "image/png") == "海报.exe.png"
    assert looks.named("海报.PNG", "image/png") == "海报.png"


class Office(Story):
    """One corporation that is connected, and its advisers."""

    @property
    def corp(self) -> Corp:
        return corp_of(self.shop)

    def keep(self, name: str = "海报.png", content: bytes = b"") -> UUID:
        with self.door.tx("web") as tx:
            return service.keep(tx, name, content or png())

    def welcome(self, media: UUID) -> UUID:
        given = {
            "name": f"欢迎 {media}",
            "body": "你好",
            "attachments": [{"msgtype": "image", "image": {"media": str(media)}}],
        }
        with self.door.tx("web") as tx:
            return welcomes.create_welcome(tx, NewWelcome.model_validate(given))

    def sql(self, text: str) -> None:
        with self.door.database.connect() as owner:
            owner.execute(text)

    def uploads(self) -> int:
        return self.shop.calls.count("media/upload")

    def ready(self, media: UUID) -> list[dict[str, Any]]:
        carried = [{"msgtype": "image", "image": {"media": str(media)}}]
        with line_of(self.door.db, self.door.tenant, self.account) as line:
            return lending.ready(self.door.db, self.door.tenant, self.account, line, carried)


@pytest.fixture(scope="module")
def office(module_database: Database) -> Iterator[Office]:
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    settings.cache_clear()
    simulation = Simulation(orders_before=1)
    door = Door(module_database)
    story = Office("wecom", door, simulation)
    story.connect()
    wire.route.append(SimulatedTransport(simulation))
    yield story
    wire.route.clear()
    story.wire.close()
    door.close()
    monkeypatch.undo()
    settings.cache_clear()


def test_many_at_once_hand_a_file_over_once_and_again_before_it_ends(office: Office) -> None:
    media, before = office.keep(), office.uploads()
    with ThreadPoolExecutor(4) as hands:
        found = list(hands.map(office.ready, [media] * 4))
    assert office.uploads() == before + 1
    assert {one[0]["image"]["media_id"] for one in found} <= set(office.corp.store("media"))
    office.sql("update media_lent set ends_at = now() + interval '2 hours'")
    assert office.ready(media) != found[0]
    assert office.uploads() == before + 2


def test_a_welcome_carries_its_file_and_greets_without_it_where_it_cannot_be_had(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = office.keep("欢迎.png", png(10))
    welcome = office.welcome(media)
    before = office.uploads()
    assert lending.fetch_ahead(office.door.db, office.door.tenant) == 1
    assert lending.fetch_ahead(office.door.db, office.door.tenant) == 0
    assert office.uploads() == before + 1
    with office.door.tx("web") as tx, pytest.raises(TandemError, match="still carries"):
        service.remove(tx, media)
    with office.door.tx("web") as tx:
        rules = [row for row in welcomes.list_welcomes(tx) if row.id == welcome]
    call = welcoming._Call("c", office.account, "林晓彤", 1, "code", "who", [], frozenset(), None)  # type: ignore[arg-type]
    with line_of(office.door.db, office.door.tenant, office.account) as line:
        carried, without = welcoming._carried(office.door.db, office.door.tenant, line, call, rules[0])  # type: ignore[arg-type]
        assert carried[0]["image"]["media_id"] in office.corp.store("media")
        assert without is None
        # What is good for another two hours goes out as it is: a welcome has no time to renew it.
        office.sql("update media_lent set ends_at = now() + interval '2 hours'")
        uploads = office.uploads()
        assert welcoming._carried(office.door.db, office.door.tenant, line, call, rules[0]) == (carried, None)  # type: ignore[arg-type]
        assert office.uploads() == uploads
        # Nor does it wait for another process that does not finish.
        office.sql(
            "update media_lent set ref = null, holder = gen_random_uuid(), leased_until = now() + interval '90 s'"
        )
        monkeypatch.setattr(lending, "LOOKS_GREETING", 1)
        assert welcoming._carried(office.door.db, office.door.tenant, line, call, rules[0])[0] == []  # type: ignore[arg-type]
        office.sql("delete from media_lent")
        office.shop.trouble.fail = 1
        carried, without = welcoming._carried(office.door.db, office.door.tenant, line, call, rules[0])  # type: ignore[arg-type]
    assert carried == []
    assert str(without).startswith(welcoming.WITHOUT_FILES)


def test_a_file_that_is_not_there_is_refused_before_anything_is_sent(office: Office) -> None:
    wrong = [{"msgtype": "image", "image": {"media": str(UUID(int=7))}}]
    with office.door.tx("web") as tx, pytest.raises(TandemError) as refused:
        welcomes.create_welcome(tx, NewWelcome.model_validate({"name": "错", "body": "好", "attachments": wrong}))
    assert refused.value.details[0].what_en == "there is no such file"
    with pytest.raises(GatewayFailure, match="no such file"):
        office.ready(UUID(int=7))
    video = office.keep("片.mp4", b"\x00\x00\x00\x18ftypisom" + bytes(40))
    wrong = [{"msgtype": "image", "image": {"media": str(video)}}]
    with office.door.tx("web") as tx, pytest.raises(TandemError):
        welcomes.create_welcome(tx, NewWelcome.model_validate({"name": "错", "body": "好", "attachments": wrong}))


def test_the_same_file_is_kept_once(office: Office) -> None:
    assert office.keep("a.png", png(11)) == office.keep("a.png", png(11)) != office.keep("b.png", png(11))


def test_a_removed_file_frees_its_bytes_and_may_come_again(office: Office) -> None:
    media = office.keep("c.png", png(12))

    def parts() -> int:
        with office.door.tx("web") as tx:
            return int(tx.value("select count(*) from media_part where media_id = %(id)s", {"id": media}))

    assert parts() == 1
    with office.door.tx("web") as tx:
        service.remove(tx, media)
    assert parts() == 0
    with office.door.tx("web") as tx, pytest.raises(TandemError, match="no such file"):
        service.stretch(tx, media, 0)
    with office.door.tx("web") as tx:  # what carried it still says what it was called, and nothing new carries it
        assert (service.get_media(tx, media).name, service.kinds_of(tx, [media])) == ("c.png", {})
    assert office.keep("c.png", png(12)) == media
    assert parts() == 1


def test_files_of_a_tenant_have_room_in_bytes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with office.door.tx("web") as tx:
        used = int(
            tx.value("select sum(size) from media_file where not archived and tenant_id = %(t)s", {"t": tx.tenant_id})
        )
    content = png(13)
    monkeypatch.setattr(service, "KEPT_BYTES_MAX", used + len(content) - 1)
    with pytest.raises(TandemError) as full:
        office.keep("d.png", content)
    assert (full.value.code, "MB" in full.value.zh) == ("media_full", True)
    monkeypatch.setattr(service, "KEPT_BYTES_MAX", used + len(content))
    office.keep("d.png", content)


def test_a_file_goes_out_a_stretch_at_a_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PART_BYTES", 64)
    content = "价目表：奶粉 199 元\n".encode() * 9
    media = office.keep("e.txt", content)
    with office.door.tx("web") as tx:
        row, first = service.get_media(tx, media), service.stretch(tx, media, 0)
    sent = api._sent(office.door.db, office.door.tenant, row, first)
    assert next(sent) == content[:64]
    assert b"".join(sent) == content[64:]


def test_a_simulated_corporation_is_the_same_after_its_restart(tmp_path: Path) -> None:
    first = Simulation(orders_before=1, folder=tmp_path)
    shop = first.shops["wecom"]
    corp = corp_of(shop)
    corp.store("archive_file")["f"] = {"bytes": b"\x00\xff"}
    group = next(iter(corp.groups))
    SIMULATOR.act(shop, "friend", {"member": "linxiaotong", "name": "留下的人"})
    SIMULATOR.act(shop, "rename", {"group": group, "name": "改名群"})
    first.keep()
    again = corp_of(Simulation(orders_before=1, folder=tmp_path).shops["wecom"])
    assert again.groups[group].name == "改名群"
    assert again.store("archive_file")["f"] == {"bytes": b"\x00\xff"}
    assert {one.name for one in again.contacts.values()} == {one.name for one in corp.contacts.values()}
    assert again.groups[group].members == corp.groups[group].members
    assert keeping.written(again) == keeping.written(corp)
    (tmp_path / "wecom.json").write_text("{")
    assert "留下的人" not in {
        one.name for one in corp_of(Simulation(orders_before=1, folder=tmp_path).shops["wecom"]).contacts.values()
    }
