"""Are there words in the tree that must not be there?"""

import re

import pytest

from architecture import tree

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
# Put together here so that this file does not contain what it looks for.
HOSTS = [
    "registry." + "npmjs",
    "registry." + "yarnpkg",
    "py" + "pi.org",
    "python" + "hosted",
    "deb." + "debian",
    "npm" + "mirror",
]
PATHS = ["/" + "work/", "/" + "root/", "/" + "home/", "/" + "Users/"]
MARKS = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
TEXT = {
    ".py",
    ".ts",
    ".tsx",
    ".js",
    ".json",
    ".toml",
    ".md",
    ".sh",
    ".css",
    ".html",
    ".lock",
    ".yml",
    ".yaml",
    ".sql",
    ".lark",
    "",
}
# Plans are this project's own working notes; the licence is not ours to word.
EXEMPT = ("docs/plans/", "LICENSE")


def texts() -> list[tuple[str, str]]:
    chosen = [p for p in tree.files() if p.suffix in TEXT and not tree.name(p).startswith(EXEMPT)]
    return [(tree.name(path), path.read_text(encoding="utf-8", errors="replace")) for path in chosen]


def places(pattern: str) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_no_file_is_named_after_nothing() -> None:
    bad = [
        tree.name(path) for path in tree.files() if FORBIDDEN_NAMES & set(re.split(r"[/._-]", tree.name(path).lower()))
    ]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("host", HOSTS)
def test_no_registry_is_named(host: str) -> None:
    assert not (found := places(re.escape(host))), "\n".join(found)


@pytest.mark.parametrize("path", PATHS)
def test_no_path_of_one_machine_is_named(path: str) -> None:
    assert not (found := places(rf"(?<![\w.*}}{{@-]){re.escape(path)}")), "\n".join(found)


@pytest.mark.parametrize("mark", MARKS)
def test_nothing_is_left_for_later_in_a_comment(mark: str) -> None:
    assert not (found := places(rf"(#|//|/\*|<!--).*\b{mark}\b")), "\n".join(found)
