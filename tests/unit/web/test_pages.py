"""The built application is served with the right lifetimes, and only it."""

import warnings
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tandem.web.pages import Pages

with warnings.catch_warnings():
    # It announces a successor of httpx; warnings are errors here.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


@pytest.fixture
def browser(tmp_path: Path) -> TestClient:
    (tmp_path / "secret.txt").write_text("secret")
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><div id=root></div>")
    (dist / "assets" / "app-1a2b.js").write_text("main()")
    (dist / "favicon.svg").write_text("<svg/>")
    return TestClient(Starlette(routes=[Mount("/", Pages(dist))]))


def test_named_files_live_for_ever_and_the_page_is_asked_for_each_time(browser: TestClient) -> None:
    assert browser.get("/assets/app-1a2b.js").headers["cache-control"] == "public, max-age=31536000, immutable"
    assert browser.get("/favicon.svg").headers["cache-control"] == "no-cache"
    for address in ("/", "/home", "/flows/0190/edit", "/customers/o.hara"):
        page = browser.get(address)
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache"), address
        assert "id=root" in page.text


def test_what_is_not_a_page_is_not_found(browser: TestClient) -> None:
    for address in ("/assets/gone.js", "/v1/none", "/metrics/x", "/healthz/x"):
        assert browser.get(address).status_code == 404, address
    assert browser.post("/home").status_code == 405


def test_nothing_outside_the_folder_is_served(browser: TestClient) -> None:
    for address in ("/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/..%5csecret.txt"):
        assert "secret" not in browser.get(address).text


def test_an_unbuilt_application_says_so(tmp_path: Path) -> None:
    answer = TestClient(Starlette(routes=[Mount("/", Pages(tmp_path / "none"))])).get("/home")
    assert answer.status_code == 503
    assert "script/server" in answer.text
