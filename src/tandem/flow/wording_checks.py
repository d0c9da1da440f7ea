"""What is wrong with a text for colleagues that names what a flow is about: each mistake with the nearest name and a mend."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from typing import Final

from tandem.catalog import Scope
from tandem.catalog.label import Label
from tandem.flow.node import Finding
from tandem.flow.scopes import RUN
from tandem.flow.wording import Named, is_open, is_plain, named

_PICK: Final = Label("点“插入”从列表中选择", "Choose one from the list under 'Insert'")


def wording_findings(
    text: str, where: str, scope: Scope, personal: AbstractSet[str] = frozenset()
) -> Iterable[Finding]:
    """Findings of a title or note. `scope`: what holds at its block; `personal`: remembered values that were made from personal data."""
    if is_open(text):
        yield Finding(
            "placeholder_open",
            Label("有未成对的花括号 {{ 或 }}", "There is a {{ or }} without its other half"),
            Label("写成 {{对象.字段}}，或删去花括号", "Write {{object.field}}, or delete the braces"),
            where,
        )
    for one in named(text):
        yield from _of(one, where, scope, personal)


def _of(one: Named, where: str, scope: Scope, personal: AbstractSet[str]) -> Iterable[Finding]:
    shown = f"{{{{{one.name}}}}}"
    if not one.is_name:
        yield Finding(
            "placeholder_unknown",
            Label(f"占位符 {shown} 的写法应为 {{{{对象.字段}}}}", f"{shown} should look like {{{{object.field}}}}"),
            _PICK,
            where,
        )
        return
    root, _, name = one.name.partition(".")
    field = scope.field(root, name)
    if field is None:
        yield _unknown(one.name, where, scope)
    elif field.encrypted or field.privacy != "plain" or one.name in personal:
        yield _personal(shown, where)
    elif not is_plain(field):
        yield Finding(
            "placeholder_unwritable",
            Label(f"{shown} 不是能写进文字的值", f"{shown} is no value that can be written in a text"),
            Label("换一个文字、数字、是否或日期字段", "Choose a text, a number, a yes or no, or a date"),
            where,
        )


def _unknown(name: str, where: str, scope: Scope) -> Finding:
    known = [f"{root}.{one.name}" for root, of in scope.roots.items() for one in of.fields if is_plain(one)]
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        mend = Label(f"改为 {{{{{near[0]}}}}}", f"Write {{{{{near[0]}}}}} instead")
    elif name.startswith(f"{RUN}."):
        mend = Label("先用“记住一个值”存下它", "Keep it first, by 'remember a value'")
    else:
        mend = _PICK
    return Finding(
        "placeholder_unknown",
        Label(
            f"这里没有 {{{{{name}}}}}，任务里不会有内容", f"There is no {{{{{name}}}}} here: the task would say nothing"
        ),
        mend,
        where,
    )


def _personal(shown: str, where: str) -> Finding:
    return Finding(
        "placeholder_personal",
        Label(
            f"{shown} 是个人信息：任务的文字还会出现在提醒等处，不是每个读到的人都有权看",
            f"{shown} is personal: a task's text is shown in notices and elsewhere too, not only to those who may see it",
        ),
        Label(
            "删去即可：任务上会写明是谁，有权的同事看得到；也可换一个不属于个人信息的字段",
            "Leave it out: the task says whom it is about to colleagues who may see it. Or name something that is not personal",
        ),
        where,
    )
