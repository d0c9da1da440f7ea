"""Run one benchmark of ``bench/``: a file with a ``main()`` docstring of its own. Started by ``script/bench`` inside the environment."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / "bench"


def main() -> int:
    known = {path.stem: path for path in sorted(BENCH.glob("*.py")) if not path.stem.startswith("_") and runs(path)}
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in known:
        print("script/bench NAME [options]\n")
        for one, path in known.items():
            print(f"  {one:<12} {summary(path)}")
        return 0 if not name else 2
    return subprocess.run([sys.executable, str(known[name]), *sys.argv[2:]], cwd=ROOT, check=False).returncode


def runs(path: Path) -> bool:
    """Tell whether a file is a benchmark and not a part of one."""
    return "__main__" in path.read_text(encoding="utf-8")


def summary(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
