"""What the architecture tests look at: the files of the project, as git knows them."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from harness.source import parsed

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Function:
    """One function: where it is and how many lines it has, signature and docstring included."""

    path: str
    name: str
    lines: int


@lru_cache(maxsize=1)
def files() -> tuple[Path, ...]:
    """Every file of the project: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return tuple(path for line in sorted(set(listed.stdout.splitlines())) if (path := ROOT / line).is_file())


def under(*folders: str, suffix: str) -> list[Path]:
    """The files with a suffix below some folders."""
    return [path for path in files() if path.suffix == suffix and name(path).startswith(folders)]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(paths: list[Path]) -> Iterator[Function]:
    """Every function in Python files, methods and inner ones too."""
    for path in paths:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Function(name(path), node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
