"""Is a database that cannot serve refused with one sentence that says why, and never shows the password?"""

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tandem.kernel.errors import Misconfigured
from tandem.kernel.postgres import outside


def refused(url: str) -> Misconfigured:
    with pytest.raises(Misconfigured) as caught:
        outside.check(url, timeout_seconds=2)
    return caught.value


@pytest.mark.parametrize("url", ["localhost", "mysql://u:p@h/db", "postgresql://%zz", "", "postgres:/tandem"])
def test_what_is_no_address_is_called_so(url: str) -> None:
    assert refused(url).code == "database_url"


def test_a_port_where_nothing_listens(unused_port: int) -> None:
    error = refused(f"postgresql://tandem:hidden@127.0.0.1:{unused_port}/tandem")
    assert error.code == "database_unreachable"
    assert "nothing listens" in error.en
    assert "没有服务器在监听" in error.zh
    assert "hidden" not in error.en + error.zh


def test_a_wrong_password(database_server_url: str) -> None:
    known = conninfo_to_dict(database_server_url)
    error = refused(f"postgresql://tandem:wrong@/tandem?host={known['host']}&port={known['port']}")
    assert "password is wrong" in error.en


def test_a_database_that_is_not_there(database_server_url: str) -> None:
    error = refused(database_server_url.replace("/tandem?", "/nowhere?"))
    assert "no such database" in error.en


def test_a_server_that_is_too_old(database_server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "MAJOR_MIN", 99)
    assert refused(database_server_url).code == "database_too_old"


def test_a_database_in_another_encoding(database_server_url: str) -> None:
    with psycopg.connect(database_server_url, autocommit=True) as connection:
        connection.execute("create database latin encoding 'LATIN1' locale_provider libc locale 'C' template template0")
    try:
        error = refused(database_server_url.replace("/tandem?", "/latin?"))
        assert error.code == "database_encoding"
    finally:
        with psycopg.connect(database_server_url, autocommit=True) as connection:
            connection.execute("drop database latin")


def test_a_good_one_tells_its_version(database_server_url: str) -> None:
    assert outside.check(database_server_url) >= 160000
