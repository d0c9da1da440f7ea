"""The page for developers: the whole API to read, made from its description. One file, no scripts, nothing from elsewhere."""

from __future__ import annotations

import html
import json
import re
from typing import Any, Final

_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1f2329;--soft:#5c6470;--line:#d9dde3;--back:#fff;--code:#f4f6f8;--link:#1554ad}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--soft:#a0a8b3;--line:#3a4048;--back:#16191d;--code:#20252b;--link:#7db1ff}}
*{box-sizing:border-box}body{margin:0;font:15px/1.65 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;color:var(--ink);background:var(--back)}
main{max-width:1060px;margin:0 auto;padding:24px 24px 96px}h1{margin:8px 0}h2{margin:40px 0 8px;border-bottom:1px solid var(--line)}
a{color:var(--link)}code,pre{font:13px/1.5 ui-monospace,Consolas,monospace;background:var(--code);border-radius:4px}code{padding:1px 4px}
pre{padding:12px;overflow:auto;max-height:420px}details{border:1px solid var(--line);border-radius:6px;margin:8px 0}summary{padding:8px 12px;cursor:pointer}
details>div{padding:0 16px 12px}.verb{display:inline-block;min-width:58px;font-weight:600}.soft{color:var(--soft)}nav a{margin-right:12px;white-space:nowrap}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid var(--line);padding:4px 8px;text-align:left;vertical-align:top}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
"""
_WORDS: Final = {
    "zh": {
        "title": "Tandem 开发者文档", "other": "English", "start": "开始", "json": "机器可读的描述（OpenAPI 3.1）", "needs": "所需权限",
        "parameters": "参数", "body": "请求示例", "answer": "回答示例", "errors": "可能的错误", "back": "返回应用", "required": "必填",
        "steps": "在“数据输出 › API 密钥”中创建密钥，然后：",
    },
    "en": {
        "title": "Tandem for developers", "other": "中文", "start": "To begin", "json": "The description for machines (OpenAPI 3.1)", "needs": "Needs",
        "parameters": "Parameters", "body": "Example request", "answer": "Example answer", "errors": "Errors", "back": "Back to the app",
        "required": "required", "steps": "Make a key under Data out › API keys, then:",
    },
}  # fmt: skip
#: The description's own words (`complete.POLICY`), for those who read Chinese.
_POLICY_ZH: Final = """所有地址都在 `/v1` 之下，内容是 UTF-8 的 JSON。时间用 ISO 8601 的 UTC 时间；金额是十进制文本，带币种。

**版本。** `v1` 之内只增不减：可能增加新的地址、请求中的可选字段、回答中的字段、事件类型与取值，程序应忽略不认识的内容。会破坏现有程序的改动以 `/v2` 推出，与 `/v1` 并存至少十二个月；要停用的地址提前至少六个月在回答头里带 `Deprecation` 和 `Sunset`。推送内容带有事件类型的 `version`，规则相同。

**密钥。** 请求头 `Authorization: Bearer tk_...`，在“数据输出 › API 密钥”中创建，权限不超过创建人。`x-permission` 写明每个地址需要的权限。

**错误** 只有一种样子：`code` 稳定，供程序判断；`message` 是给人看的中英文句子；`details` 指出每一处；`id` 供排查时使用。

**重复请求。** 写入请求可以带 `Idempotency-Key`；24 小时内重复只执行一次，回答相同。

**限速。** 每个密钥有自己的额度（`RateLimit-Limit`、`RateLimit-Remaining`、`RateLimit-Reset`）；超出时回答 429 并带 `Retry-After`。

**列表** 分页返回：`?limit=&cursor=` 给出 `items` 和 `next`；把 `next` 作为 `cursor` 传回，直到它为空。"""
_FIRST: Final = """curl -H "Authorization: Bearer tk_..." {base}/v1/customers?limit=2

curl -X POST {base}/v1/events \\
  -H "Authorization: Bearer tk_..." -H "Content-Type: application/json" -H "Idempotency-Key: order-1001" \\
  -d '{{"events":[{{"source":"till","external_id":"1001","kind":"order","time":"2026-05-01T02:03:04Z","payload":{{"order_id":"1001",
       "status":"paid","placed_at":"2026-05-01T02:03:04Z","paid_at":"2026-05-01T02:03:04Z","total":12.5,
       "identifiers":[{{"kind":"phone","value":"13800000000"}}],
       "lines":[{{"line_no":1,"product_id":"p1","quantity":1,"amount":12.5}}]}}}}]}}'"""


def page(description: dict[str, Any], *, language: str, base: str) -> str:
    """The page in Chinese (`zh`) or English (`en`); `base` is the server's own address."""
    words = _WORDS["zh" if language == "zh" else "en"]
    other = "en" if language == "zh" else "zh"
    about = _POLICY_ZH if language == "zh" else str(description["info"]["description"])
    rooms: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for verb, operation in operations.items():
            room = str((operation.get("tags") or ["operations"])[0])
            rooms.setdefault(room, []).append(_operation(verb.upper(), path, operation, description, words))
    links = "".join(f'<a href="#{room}">{room}</a>' for room in sorted(rooms))
    body = "".join(f'<h2 id="{room}">{room}</h2>{"".join(parts)}' for room, parts in sorted(rooms.items()))
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{words['title']}</title><style>{_STYLE}</style><main>"
        f'<p><a href="/">{words["back"]}</a> · <a href="?language={other}" lang="{other}">{words["other"]}</a> · '
        f'<a href="/v1/openapi.json">{words["json"]}</a></p>'
        f"<h1>{words['title']} <span class='soft'>v{description['info']['version']}</span></h1>{_prose(about)}"
        f"<h2>{words['start']}</h2><p>{words['steps']}</p><pre tabindex='0'>{html.escape(_FIRST.format(base=base))}</pre><nav>{links}</nav>{body}</main></html>"
    )


def _operation(verb: str, path: str, one: dict[str, Any], description: dict[str, Any], words: dict[str, str]) -> str:
    parts = [f"<p>{_inline(one.get('description', ''))}</p>"]
    parts.append(f"<p class='soft'>{words['needs']}: <code>{html.escape(one['x-permission'])}</code></p>")
    rows = "".join(_parameter(each, words) for each in one.get("parameters", []))
    if rows:
        parts.append(f"<table><tr><th>{words['parameters']}</th><th></th></tr>{rows}</table>")
    request = one.get("requestBody", {}).get("content", {}).get("application/json")
    if request:
        parts.append(f"<p>{words['body']}</p>{_json(request['example'])}")
    errors: list[str] = []
    for status, answer in sorted(one["responses"].items()):
        content = answer.get("content", {}).get("application/json", {})
        if status.startswith("2"):
            parts.append(
                f"<p>{words['answer']} <code>{status}</code></p>" + (_json(content["example"]) if content else "")
            )
        elif status != "default":
            named = answer.get("$ref")
            told = (description["components"]["responses"][named.rpartition("/")[2]] if named else answer)[
                "description"
            ]
            errors.append(f"<code>{status}</code> {_inline(told)}")
    parts.append(f"<p>{words['errors']}: {'; '.join(errors)}</p>")
    head = f"<span class='verb'>{verb}</span> <code>{html.escape(path)}</code> <span class='soft'>{_inline(one['summary'])}</span>"
    return f'<details id="{one["operationId"]}"><summary>{head}</summary><div>{"".join(parts)}</div></details>'


def _parameter(one: dict[str, Any], words: dict[str, str]) -> str:
    must = f" <span class='soft'>{words['required']}</span>" if one.get("required") else ""
    said = (
        one.get("description")
        or one["schema"].get("description")
        or one["schema"].get("format")
        or one["schema"].get("type", "")
    )
    return f"<tr><td><code>{html.escape(one['name'])}</code>{must}</td><td>{_inline(str(said))}</td></tr>"


def _json(value: object) -> str:
    return f"<pre tabindex='0'>{html.escape(json.dumps(value, ensure_ascii=False, indent=2))}</pre>"


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(part)}</p>" for part in text.split("\n\n"))


def _inline(text: str) -> str:
    """Escaped text in which `code` and **strong** are marked."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", marked)
