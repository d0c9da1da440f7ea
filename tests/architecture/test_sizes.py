"""Are functions and files as small as STYLE.md asks? The table is printed at the end of every run."""

from collections.abc import Callable
from statistics import median, quantiles

import pytest

from architecture import tree

FUNCTION_LINES_MAX = 70
FUNCTION_LINES_MEDIAN_MAX = 10
FUNCTION_LINES_NINTH_DECILE_MAX = 30
FILE_LINES_MAX = {"src/": 500, "tests/": 800, "script/": 500, "bench/": 500}
TSX_LINES_MAX = 250
GENERATED = (".gen.ts",)


def room_of(path: str) -> str:
    parts = path.split("/")
    return "/".join(parts[1:4] if parts[2:3] == ["domains"] else parts[1:3]) if parts[0] == "src" else parts[0]


def table(found: list[tree.Function]) -> str:
    rooms: dict[str, list[int]] = {}
    for function in found:
        rooms.setdefault(room_of(function.path), []).append(function.lines)
    lines = [f"{'room':<28}{'functions':>10}{'median':>8}{'9th decile':>12}{'longest':>9}"]
    for room, sizes in [*sorted(rooms.items()), ("all", [function.lines for function in found])]:
        decile = quantiles(sizes, n=10)[-1] if len(sizes) > 1 else sizes[0]
        lines.append(f"{room:<28}{len(sizes):>10}{median(sizes):>8.0f}{decile:>12.0f}{max(sizes):>9}")
    return "\n".join(lines)


def test_functions_are_short(record_property: Callable[[str, object], None]) -> None:
    found = list(tree.functions(tree.under("src/", suffix=".py")))
    record_property("table", table(found))
    lines = [function.lines for function in found]
    long = [f"{f.path}: {f.name} has {f.lines} lines" for f in found if f.lines > FUNCTION_LINES_MAX]
    assert not long, "\n".join(long)
    assert median(lines) <= FUNCTION_LINES_MEDIAN_MAX
    assert quantiles(lines, n=10)[-1] <= FUNCTION_LINES_NINTH_DECILE_MAX


@pytest.mark.parametrize("folder", sorted(FILE_LINES_MAX))
def test_python_files_are_short(folder: str) -> None:
    limit = FILE_LINES_MAX[folder]
    long = [f"{tree.name(p)}: {n} lines" for p in tree.under(folder, suffix=".py") if (n := tree.length(p)) > limit]
    assert not long, "\n".join(long)


def test_web_files_are_short() -> None:
    sources = tree.under("web/src/", suffix=".tsx") + tree.under("web/src/", suffix=".ts")
    limits = {".tsx": TSX_LINES_MAX, ".ts": 500}
    long = [
        f"{tree.name(path)}: {tree.length(path)} lines"
        for path in sources
        if not path.name.endswith(GENERATED) and tree.length(path) > limits[path.suffix]
    ]
    assert not long, "\n".join(long)
