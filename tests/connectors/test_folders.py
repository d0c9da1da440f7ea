"""Does each folder say of itself what its code does: imports, capabilities, quality? And does a new one begin sound?"""

from __future__ import annotations

import ast
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from harness.source import parsed
from tandem.connectors.kit import quality
from tandem.connectors.kit.platform import Platform, Seen
from tandem.connectors.kit.registry import FOLDERS, OFFICES, platforms
from tandem.connectors.kit.scaffold import PARTS, scaffold
from tandem.connectors.simulator.base import Asked, Shop
from tandem.connectors.simulator.world import World
from tandem.stream.sources.mapping import Mapped

ROOT = Path(import_module("tandem.connectors").__path__[0])


def imported(folder: Path) -> set[str]:
    """Every module that a folder's code imports."""
    found: set[str] = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
            elif isinstance(node, ast.Import):
                found |= {one.name for one in node.names}
    return found


@pytest.mark.parametrize("name", [*FOLDERS, *OFFICES])
def test_a_manifest_names_what_its_folder_imports(name: str) -> None:
    modules, manifest = imported(ROOT / name), platforms()[name].manifest
    outside = {one.split(".")[0] for one in modules} - set(sys.stdlib_module_names) - {"tandem"}
    others = {one.split(".")[2] for one in modules if one.startswith("tandem.connectors.")} - {"kit", "simulator", name}
    assert (outside, others) == (set(manifest.imports), set(manifest.shares))


@pytest.mark.parametrize("name", [*FOLDERS, *OFFICES])
def test_a_manifest_names_what_its_platform_can(name: str) -> None:
    platform = platforms()[name]
    manifest = platform.manifest
    assert manifest.name == name
    assert {one.name for one in platform.resources} <= manifest.capabilities
    assert ("stock_out" in manifest.capabilities) == (platform.set_stock is not None)
    assert manifest.push == ("poll" if platform.queue else "webhook" if platform.pushes else "none")
    assert "" in manifest.rates
    assert all(host.startswith("https://") for host in manifest.hosts.values())


@pytest.mark.parametrize("name", [*FOLDERS, *OFFICES])
def test_a_quality_file_answers_every_rule(name: str) -> None:
    rules = {rule for tier in quality.RULES.values() for rule in tier}
    said = quality.answers(name)
    assert set(said) == rules
    assert quality.unanswered(said) == []
    assert quality.tier_of(name) == ("gold" if said["checked-live"].startswith("done") else "silver")
    manifest = platforms()[name].manifest
    for rule, capability in (
        ("orders", "orders"),
        ("refunds", "refunds"),
        ("stock-out", "stock_out"),
        ("stock-in", "stock_in"),
    ):
        assert said[rule].startswith("done") == (capability in manifest.capabilities), rule


def test_a_rule_that_is_open_or_without_a_reason_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {rule: "done" for tier in quality.RULES.values() for rule in tier}
    monkeypatch.setattr(quality, "answers", lambda _name: said)
    assert (quality.unanswered(said), quality.tier_of("any")) == ([], "gold")
    said["push"] = "exempt: it calls nobody"
    assert (quality.unanswered(said), quality.tier_of("any")) == ([], "gold")
    said["checked-live"] = "exempt: no account"
    assert (quality.unanswered(said), quality.tier_of("any")) == ([], "silver"), "what was never tried is not proven"
    said |= {"push": "open: not begun", "orders": "exempt: ", "refunds": "nearly done", "restart": "done: "}
    assert quality.unanswered(said) == ["orders", "refunds", "push", "restart"]
    assert quality.tier_of("any") == "none"


def test_a_scaffold_is_a_connector_from_its_first_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scaffold("made_up", tmp_path)
    parts: dict[str, ModuleType] = {}
    package = ModuleType("tandem.connectors.made_up")
    package.__path__ = [str(tmp_path / "made_up")]
    monkeypatch.setitem(sys.modules, "tandem.connectors.made_up", package)
    for part in ("signing", "mapping", "connector", "simulator"):
        parts[part] = import_module(f"tandem.connectors.made_up.{part}")
        monkeypatch.setitem(sys.modules, f"tandem.connectors.made_up.{part}", parts[part])
    platform: Platform = parts["connector"].PLATFORM
    now = datetime.now(UTC)
    shop = Shop(World(1, now, orders_before=20), parts["simulator"].SETTINGS, parts["simulator"].SECRETS)
    query = {"since": str(int((now - timedelta(days=90)).timestamp())), "until": str(int(now.timestamp())), "page": "0"}
    query |= {"sign": parts["signing"].sign(shop.secrets["app_secret"], query), "app_key": "simulated-key"}
    said = parts["simulator"].SIMULATOR.answer(shop, Asked("GET", "/orders", query, {}, b""))
    read = list(platform.resources[0].read(said.body, Seen("shop", {})))
    assert len(read) == 20
    assert all(isinstance(one, Mapped) for one in read)
    assert {path.name for path in (tmp_path / "made_up").iterdir()} - {"__pycache__"} == {"__init__.py", *PARTS}
    begun = tomllib.loads((tmp_path / "made_up" / "quality.toml").read_text(encoding="utf-8"))["rules"]
    assert quality.unanswered(begun) == list(begun), "nobody can register what nobody has answered for"
