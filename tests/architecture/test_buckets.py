"""Does no statement join people by a bucket that the join itself works out?

Under row-level security an index is not searched for what a function says of another row, so everybody would be read. The bucket comes
first, in a subquery that is not merged: `cross join lateral (select tandem_bucket(r.customer_id) as bucket offset 0) as b`.
"""

from __future__ import annotations

import re

from architecture import tree

# A bucket compared with the function of anything but one parameter.
JOINED = re.compile(
    r"\bbucket\s*=\s*tandem_bucket\((?!%\(\w+\)s(?:::uuid)?\))|\btandem_bucket\((?!%)[^()]*\)\s*=\s*\w+\.bucket\b"
)


def test_no_join_works_out_a_bucket() -> None:
    bad = [
        f"{tree.name(path)}:{text.count(chr(10), 0, found.start()) + 1}: {found.group()}"
        for path in tree.under("src/", suffix=".py")
        for text in (path.read_text(encoding="utf-8"),)
        for found in JOINED.finditer(text)
    ]
    assert not bad, bad


def test_what_is_refused() -> None:
    for text in (
        "c.bucket = tandem_bucket(r.id)",
        "c.bucket = tandem_bucket(coalesce(a, b))",
        "tandem_bucket(r.id) = c.bucket",
    ):
        assert JOINED.search(text), text
    for text in ("bucket = tandem_bucket(%(id)s)", "bucket = tandem_bucket(%(id)s::uuid) and", "c.bucket = b.bucket"):
        assert not JOINED.search(text), text
