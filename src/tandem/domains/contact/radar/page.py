"""The page behind a link, drawn here so that it is there at once on a slow phone: content, one script, nothing from elsewhere."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from importlib import resources
from typing import Final
from urllib.parse import urlsplit

from tandem.domains.contact.material.service import MaterialRow

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' https: data:; media-src 'self' https:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: A link's token must not travel on to the page it leads to, nor into a search engine.
HEADERS: Final = {
    "Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store",
}  # fmt: skip
_STYLE: Final = """
body{margin:0;font:17px/1.7 system-ui,-apple-system,"PingFang SC","Microsoft YaHei",sans-serif;color:#1f2329;background:#fff}
main{max-width:42rem;margin:0 auto;padding:20px 20px 96px}h1{font-size:22px;line-height:1.4}p{margin:0 0 1em;overflow-wrap:anywhere}
img,video{max-width:100%;height:auto;border-radius:8px}.faint{color:#646a73;font-size:14px}
a.go{display:block;text-align:center;padding:14px;border-radius:8px;background:#1f5fbf;color:#fff;text-decoration:none}
footer{position:fixed;inset:auto 0 0 0;display:flex;gap:12px;padding:12px 20px;background:#fff;border-top:1px solid #dee0e3}
button{flex:1;font:inherit;padding:10px;border:1px solid #8f959e;border-radius:8px;background:#fff;color:inherit}
button:focus-visible,a:focus-visible{outline:3px solid #1f5fbf;outline-offset:2px}button[aria-pressed=true]{background:#e1eaff}
@media(prefers-color-scheme:dark){body,footer,button{background:#16181c;color:#e6e8eb}footer,button{border-color:#4a4f57}
.faint{color:#a6abb3}button[aria-pressed=true]{background:#20355c}}
"""
_WORDS: Final = {
    "zh": {
        "like": "赞", "share": "转发", "copied": "链接已复制", "open": "打开", "leads": "将离开本页，前往", "over": "内容已下线",
        "overHint": "这份内容已停用或过了有效期，请联系给您发链接的顾问。",
    },
    "en": {
        "like": "Like", "share": "Pass on", "copied": "Link copied", "open": "Open", "leads": "You leave this page for",
        "over": "No longer there", "overHint": "This was put away or is out of date; ask whoever sent you the link.",
    },
}  # fmt: skip


def language_of(accepted: str) -> str:
    """The reader's language as her browser asks: Chinese unless English comes first."""
    return "en" if accepted.lower().startswith("en") else "zh"


def draw(title: str, inner: str, language: str, *, script: bool = True) -> str:
    """A whole page. `inner` is HTML; `title` plain text."""
    tag = '<script src="/radar.js" defer></script>' if script else ""
    lang = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style>{tag}</head><body><main>{inner}</main></body></html>"
    )


def content(material: MaterialRow | None, language: str, token: str = "") -> str:
    """The page of a material; of one that is over, the page that says so."""
    words = _WORDS[language]
    if material is None:
        return draw(
            words["over"], f"<h1>{words['over']}</h1><p class=faint>{words['overHint']}</p>", language, script=False
        )
    inner = f"<h1>{html.escape(material.name)}</h1>{_paragraphs(material.words)}{_shown(material, words, token)}"
    inner += (
        f'<footer><button id="like" type="button" aria-pressed="false">{words["like"]}</button>'
        f'<button id="share" type="button" data-copied="{words["copied"]}">{words["share"]}</button></footer>'
    )
    return draw(material.name, inner, language)


def _paragraphs(text: str) -> str:
    parts = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in parts)


def _shown(material: MaterialRow, words: dict[str, str], token: str) -> str:
    """A file, or what lies elsewhere: at the address that somebody here wrote and somebody approved, never one out of the link."""
    address = material.url if material.media_id is None else f"/r/{token}/file"
    if address is None:
        return ""
    url, host = html.escape(address, quote=True), html.escape(urlsplit(address).hostname or "")
    if material.kind == "image":
        return f'<p><img src="{url}" alt="{html.escape(material.name, quote=True)}"></p>'
    if material.kind == "video":
        return f'<p><video src="{url}" controls playsinline preload="metadata"></video></p>'
    leads = f"<p class=faint>{words['leads']} {host}</p>" if host else ""
    return f'{leads}<a class="go" id="go" rel="noopener noreferrer" href="{url}">{words["open"]}</a>'


@lru_cache(maxsize=1)
def script() -> bytes:
    """The script of such pages."""
    return resources.files("tandem.domains.contact.radar").joinpath("reading.js").read_bytes()
