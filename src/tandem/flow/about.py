"""Does everything in a flow fit what it is about? A check before publishing: each misuse with its sentence and its mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from tandem.catalog import Catalog
from tandem.catalog.label import Label
from tandem.catalog.model import Subject
from tandem.flow.graph import Graph
from tandem.flow.node import Finding, NodeKind, Role
from tandem.flow.subjects import CUSTOMER, entity_of

_CUSTOMER: Final = Label("客户", "customer")
_OF_CUSTOMERS: Final = Label(
    "请选择客户的事件，或在流程设置里把主体改成这个事件所说的事物",
    "Choose an event of customers, or let the flow be about what this event is about, in its settings",
)

Blocks = Mapping[str, tuple[NodeKind[Any], BaseModel]]


def exists(catalog: Catalog, subject: str) -> bool:
    """Can a flow be about this at all?"""
    return subject == CUSTOMER or entity_of(catalog, subject) is not None


def unknown(subject: str) -> Finding:
    """The finding for a flow about something that is not there (any more)."""
    return Finding(
        "subject_unknown",
        Label(f"流程的主体“{subject}”不存在", f"The flow is about {subject!r}, which does not exist"),
        Label("请在流程设置里重新选择主体", "Choose in the flow's settings what it is about"),
        "settings.subject",
    )


def findings(catalog: Catalog, graph: Graph, blocks: Blocks) -> Iterator[tuple[str | None, Finding]]:
    """Blocks, events and goals that do not fit what the flow is about."""
    entity = entity_of(catalog, graph.settings.subject)
    if entity is None or entity.subject is None:
        yield from _unheard(catalog, graph, blocks, _CUSTOMER, None)
        return
    called = entity.label
    yield from _unheard(catalog, graph, blocks, called, entity.subject)
    needing = [name for name, (kind, config) in blocks.items() if kind.asks_customer(config, catalog)]
    for name in needing:
        kind = blocks[name][0]
        if kind.role is Role.START:
            yield name, _start_for_customers(called)
        elif not entity.subject.customer:
            yield name, _customer_needed(kind.label, called)
    if entity.subject.customer and needing:
        yield needing[0], _without_customer(called)


def _unheard(
    catalog: Catalog, graph: Graph, blocks: Blocks, called: Label, subject: Subject | None
) -> Iterator[tuple[str | None, Finding]]:
    """Starts, waits, goals and exits that listen for what never comes; `subject` None: the flow is about customers."""
    for name, (kind, config) in blocks.items():
        for event_type, where in _listens(kind, config, catalog):
            if not _comes(catalog, subject, event_type, starting=kind.role is Role.START):
                yield name, _never_about(catalog, event_type, called, subject, where)
    for where, watch in (("settings.goal", graph.settings.goal), ("settings.exit_when", graph.settings.exit_when)):
        if watch is not None and watch.event_type and not _comes(catalog, subject, watch.event_type, starting=False):
            yield None, _never_about(catalog, watch.event_type, called, subject, f"{where}.event_type")


def _listens(kind: NodeKind[Any], config: BaseModel, catalog: Catalog) -> Iterable[tuple[str, str]]:
    """Types of events that a start or a wait hears, with the place in its configuration; answers to the run itself always come."""
    if kind.role is Role.START:
        trigger = kind.trigger(config)
        heard = [] if trigger is None or trigger.of_flow or kind.asks_customer(config, catalog) else [trigger]
    elif kind.role is Role.WAIT and not kind.asks_customer(config, catalog):
        heard = [one for one in kind.triggers(config) if not one.of_run]
    else:
        heard = []
    several = hasattr(config, "ways")
    for index, one in enumerate(heard):
        for name in one.types:
            yield name, f"ways[{index}].event_type" if several else "event_type"


def _comes(catalog: Catalog, subject: Subject | None, event_type: str, *, starting: bool) -> bool:
    """Can such an event be about the customer or thing, or reach the thing through its customer? History sets nothing moving."""
    known = catalog.event_types.get(event_type)
    if known is not None and known.history:
        return False
    if subject is not None and event_type in subject.events:
        return True
    return (subject is None or (subject.customer and not starting)) and event_type not in _of_nobody(catalog)


def _of_nobody(catalog: Catalog) -> frozenset[str]:
    """Events about things that have no customer."""
    about = [one.subject for one in catalog.entities.values() if one.subject is not None and not one.subject.customer]
    return frozenset(name for one in about for name in one.events)


def _customer_needed(kind: Label, called: Label) -> Finding:
    return Finding(
        "customer_needed",
        Label(
            f"“{kind.zh}”是对客户做的，而这个流程的主体是“{called.zh}”，没有客户",
            f"'{kind.en}' is done to a customer, and this flow is about a {called.en}, which has none",
        ),
        Label(
            "请删除该环节，或换成不需要客户的环节，如“人工任务”“通知同事”“调用外部接口”",
            "Delete the block, or use one that needs no customer, such as a human task, a notice to staff or an HTTP call",
        ),
    )


def _start_for_customers(called: Label) -> Finding:
    return Finding(
        "start_for_customers",
        Label(
            f"这种开始让客户进入，而这个流程的主体是“{called.zh}”",
            f"This start lets customers in, and the flow is about a {called.en}",
        ),
        Label(
            "请换成“事件发生时”“定时检查全部”“人工加入”或“接口调用时”",
            "Use 'when an event happens', 'look at all of them at set times', 'by hand' or 'by an API call'",
        ),
    )


def _without_customer(called: Label) -> Finding:
    return Finding(
        "without_customer_stays_out",
        Label(
            f"这个环节需要客户：没有客户的{called.zh}不会进入这个流程",
            f"This block needs a customer: a {called.en} without one does not enter the flow",
        ),
        Label(
            "若没有客户的也要处理，请为它们另做一个不含这类环节的流程",
            "If those are to be seen to as well, draw a flow for them without such blocks",
        ),
        severity="warning",
    )


def _never_about(catalog: Catalog, event_type: str, called: Label, subject: Subject | None, where: str) -> Finding:
    known = catalog.event_types
    name = known[event_type].label if event_type in known else Label(event_type, event_type)
    fit = [known[one].label for one in subject.events if one in known] if subject is not None else []
    mend = Label(
        "请选择它的事件：" + "、".join(one.zh for one in fit),
        "Choose one of its events: " + ", ".join(one.en for one in fit),
    )
    return Finding(
        "event_not_about",
        Label(
            f"“{name.zh}”不是{called.zh}的事件，在这里永远等不到",
            f"'{name.en}' is no event of a {called.en}: it never comes here",
        ),
        mend if fit else _OF_CUSTOMERS,
        where,
    )
