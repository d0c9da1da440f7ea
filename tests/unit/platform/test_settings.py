"""Do settings come from the environment as promised?"""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from tandem.kernel.errors import Misconfigured
from tandem.kernel.settings import Settings, database_url, role_password, role_url

OWNER = "postgresql://owner:s3cret@db.example:5433/tandem?sslmode=require"
KEY = b"k" * 32


def test_each_role_gets_its_own_name_and_password() -> None:
    url = role_url(OWNER, "web", KEY)
    assert url == f"postgresql://tandem_web:{role_password('web', KEY)}@db.example:5433/tandem?sslmode=require"
    assert role_password("web", KEY) != role_password("worker", KEY)
    assert role_url(OWNER, "owner", KEY) == OWNER


def test_a_socket_address_keeps_its_empty_host() -> None:
    url = role_url("postgresql://o:p@/tandem?host=/run/x&port=5432", "door", KEY)
    assert url.endswith("@/tandem?host=/run/x&port=5432")
    assert database_url(url, "other").endswith("@/other?host=/run/x&port=5432")


def test_the_master_key_is_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANDEM_MASTER_KEY")
    monkeypatch.setenv("TANDEM_HOME", str(tmp_path / "home"))
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: Settings().master_key_bytes(), range(8)))
    assert len(keys) == 1
    file = tmp_path / "home" / "master.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("bad", ["short", base64.b64encode(b"x" * 31).decode(), "%%%"])
def test_a_wrong_master_key_is_refused(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_MASTER_KEY", bad)
    with pytest.raises(Misconfigured, match="TANDEM_MASTER_KEY"):
        Settings().master_key_bytes()


def test_a_wrong_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_PORT", "eighty")
    with pytest.raises(ValidationError):
        Settings()


def test_named_role_addresses_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_DATABASE_URL", OWNER)
    monkeypatch.setenv("TANDEM_WEB_DATABASE_URL", "postgresql://w:w@other/tandem")
    known = Settings().addresses()
    assert known["web"] == "postgresql://w:w@other/tandem"
    assert known["worker"].startswith("postgresql://tandem_worker:")
    assert set(known) == {"owner", "web", "worker", "door"}


def test_secrets_do_not_show_in_a_printed_settings_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_DATABASE_URL", OWNER)
    assert "s3cret" not in repr(Settings())
