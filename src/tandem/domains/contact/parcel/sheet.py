"""Cards as they are printed: a sheet of codes for A4, or a table for the printer's own template."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from typing import Final

import segno

from tandem.domains.contact.parcel.shapes import CardLink

SHEET_MAX: Final = 240
_STYLE: Final = """
@page{size:A4;margin:10mm}body{margin:0;font:12px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;color:#000;background:#fff}
main{display:grid;grid-template-columns:repeat(3,1fr);gap:4mm}section{border:1px dashed #999;border-radius:2mm;padding:4mm;text-align:center;
break-inside:avoid}svg{width:34mm;height:34mm;display:block;margin:0 auto 2mm}p{margin:0}small{color:#444}
"""


def picture(url: str) -> str:
    """A QR code as SVG, without a size of its own."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False, svgns=True, omitsize=True)
    return out.getvalue().decode()


def sheet(title: str, words: str, cards: Sequence[CardLink]) -> str:
    """A page of cards to print and cut."""
    inner = "".join(
        f"<section>{picture(one.url)}<p>{html.escape(words or title)}</p><small>{html.escape(_label(one))}</small></section>"
        for one in cards
    )
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body><main>{inner}</main></body></html>"
    )


def table(cards: Sequence[CardLink]) -> str:
    """Numbers and addresses as CSV; a leading sign that a spreadsheet would take for a formula is disarmed."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["serial", "source", "order_number", "url"])
    for one in cards:
        writer.writerow([one.serial or "", _plain(one.source or ""), _plain(one.number or ""), one.url])
    return "\ufeff" + out.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _label(one: CardLink) -> str:
    return f"No. {one.serial:06d}" if one.serial is not None else one.number or ""
