"""`tandem connector new NAME`: a folder that keeps the contract from its first minute, to be filled with a platform's facts."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Final

from tandem.connectors.kit.quality import RULES
from tandem.kernel.errors import Conflict, InvalidInput

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,30}")
PARTS: Final = ("connector.py", "mapping.py", "signing.py", "simulator.py", "quality.toml")


def scaffold(name: str, root: Path | None = None) -> list[Path]:
    """Write the folder; returns its files. Raises InvalidInput for a name that is none, Conflict for a folder that is there."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "bad_connector_name",
            "名称只能用小写字母、数字和下划线。",
            "A name has lower-case letters, digits and underscores.",
        )
    folder = (root or Path(__file__).parents[1]) / name
    if folder.exists() and any(one.name == "connector.py" for one in folder.iterdir()):
        raise Conflict("connector_exists", "这个连接器已经存在。", "There is such a connector already.")
    folder.mkdir(parents=True, exist_ok=True)
    title = name.replace("_", " ").capitalize()
    rules = "\n".join(f'{rule} = "open: not begun"' for tier in RULES.values() for rule in tier)
    made = [_written(folder / "__init__.py", f'"""{title}."""\n')]
    for part in PARTS:
        template = (files("tandem.connectors.kit") / "templates" / f"{part}.template").read_text(encoding="utf-8")
        made.append(_written(folder / part, template.format(name=name, title=title, rules=rules)))
    return made


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
