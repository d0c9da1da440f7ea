"""Read Python files as syntax trees."""

import ast
import gc
from pathlib import Path


def parsed(path: Path) -> ast.Module:
    """Parse one file.

    The collector rests meanwhile: on Python 3.11 a finalizer that fails inside the parser has its traceback drawn by the same
    parser, which then takes its own depth for broken (SystemError: AST constructor recursion depth mismatch).
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    finally:
        if collecting:
            gc.enable()
