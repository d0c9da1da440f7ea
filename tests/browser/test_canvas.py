"""The flow canvas under the hand: arrows drawn with the pointer, everything done from the keyboard, and a large flow."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from canvas import Canvas, box_of
from person import Person
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def block(name: str, kind: str, x: int, y: int, **config: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind, "version": 1, "config": config, "position": {"x": x, "y": y}, "label": name}


SOME = {
    "blocks": [
        block("s", "start.event", 240, 0, event_type="order.paid"),
        block("c", "marketing.issue_coupon", 0, 176),
        block("m", "messaging.send", 320, 176),
        block("w", "wait.event", 0, 352, event_type="order.paid"),
        block("x", "flow.exit", 320, 352),
    ],
    "arrows": [],
    "settings": {},
}
WAYS = {
    "s": ["entered"],
    "c": ["issued", "sold_out", "limit_reached"],
    "m": ["sent", "held", "skipped"],
    "w": ["happened", "timeout"],
}


def new_name(what: str) -> str:
    return f"{what} {secrets.token_hex(3)}"


def test_an_arrow_can_be_dropped_anywhere_on_any_block(open_person: Callable[..., Person]) -> None:
    """From every way out to every block, at a place of the block that differs from case to case."""
    person = open_person("marketing")
    canvas = Canvas(person)
    canvas.draw(new_name("拖线"), SOME)
    wanted: dict[tuple[str, str], str] = {}
    places = [(0.15, 0.2), (0.5, 0.5), (0.85, 0.35), (0.3, 0.6)]
    turn = 0
    for source, ways in WAYS.items():
        for way in ways:
            for target in ("c", "m", "w", "x"):
                if target == source:
                    continue
                box = box_of(person.page.locator(f'.react-flow__node[data-id="{target}"]'))
                x, y = places[turn % len(places)]
                turn += 1
                canvas.drag(canvas.port(source, way), box["x"] + box["width"] * x, box["y"] + box["height"] * y)
                wanted[source, way] = target
                expect(person.page.locator(f'.react-flow__edge[data-id="{source}:{way}:{target}"]')).to_have_count(1)
    kept = {(arrow["from"], arrow["port"]): arrow["to"] for arrow in canvas.graph()["arrows"]}
    assert kept == wanted
    assert not person.complaints, person.complaints


def test_an_arrow_that_cannot_be_says_why(open_person: Callable[..., Person]) -> None:
    person = open_person("marketing")
    page, canvas = person.page, Canvas(person)
    canvas.draw(new_name("不能连"), SOME)
    start = box_of(page.locator('.react-flow__node[data-id="s"]'))
    canvas.drag(canvas.port("m", "sent"), start["x"] + 60, start["y"] + 20)
    expect(page.get_by_text("起点自己带客户进来")).to_be_visible()
    own = box_of(page.locator('.react-flow__node[data-id="m"]'))
    canvas.drag(canvas.port("m", "sent"), own["x"] + 60, own["y"] + 12)
    expect(page.get_by_text("不能接回自己")).to_be_visible()
    expect(canvas.arrows).to_have_count(0)


def test_an_arrow_dropped_on_the_canvas_asks_for_a_block_there(open_person: Callable[..., Person]) -> None:
    person = open_person("marketing")
    page, canvas = person.page, Canvas(person)
    canvas.draw(new_name("拖到空白处"), SOME)
    port = box_of(canvas.port("s", "entered"))
    for handle in page.locator(".react-flow__handle.source").all():
        box = box_of(handle)
        assert min(box["width"], box["height"]) >= 16, "a port must be easy to hit"
    # Escape leaves everything as it was.
    canvas.drag(canvas.port("s", "entered"), port["x"] + 320, port["y"] - 20)
    expect(canvas.quick).to_be_visible()
    page.keyboard.press("Escape")
    expect(canvas.quick).to_have_count(0)
    expect(canvas.blocks).to_have_count(5)
    canvas.drag(canvas.port("s", "entered"), port["x"] + 320, port["y"] - 20)
    expect(canvas.quick).to_be_visible()
    expect(canvas.quick.get_by_role("option", name="定时群发")).to_have_count(0)
    canvas.quick.get_by_role("combobox").press_sequentially("赠送积分")
    expect(canvas.quick.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(canvas.blocks).to_have_count(6)
    graph = canvas.graph()
    assert [(arrow["from"], arrow["port"]) for arrow in graph["arrows"]] == [("s", "entered")]
    assert graph["blocks"][-1]["kind"] == "marketing.add_points"


def test_a_flow_is_drawn_and_published_without_a_mouse(open_person: Callable[..., Person]) -> None:
    person = open_person("marketing")
    page, canvas = person.page, Canvas(person)
    keys = page.keyboard
    canvas.draw(
        new_name("只用键盘"),
        {"blocks": [block("s", "start.event", 0, 0, event_type="order.paid")], "arrows": [], "settings": {}},
    )

    # Add after what is selected: N, type, Enter. The new block is joined, selected and has the focus.
    canvas.block("s").focus()
    keys.press("Enter")
    keys.press("n")
    keys.type("赠送积分")
    keys.press("Enter")
    points = canvas.block("赠送积分")
    expect(points).to_be_focused()
    expect(canvas.arrows).to_have_count(1)

    # Configure: Enter goes into the form, Escape back out of it.
    keys.press("Enter")
    expect(canvas.panel.get_by_label("显示名称")).to_be_focused()
    keys.type("谢礼")
    keys.press("Escape")
    expect(canvas.block("谢礼")).to_be_focused()

    # Move with the arrow keys; steps in a row undo as one.
    before = canvas.graph()["blocks"][-1]["position"]
    for _ in range(3):
        keys.press("ArrowRight")
    page.wait_for_function("document.querySelector('[role=toolbar] [role=status]').textContent !== '已保存'")
    assert canvas.graph()["blocks"][-1]["position"]["x"] > before["x"]
    keys.press("Control+z")
    page.wait_for_function("document.querySelector('[role=toolbar] [role=status]').textContent !== '已保存'")
    assert canvas.graph()["blocks"][-1]["position"] == before

    # A way out, from its list: a new block right there.
    canvas.way("完成").focus()
    keys.type("新建")
    keys.press("Enter")
    expect(canvas.quick).to_be_visible()
    canvas.quick.get_by_role("combobox").fill("离开流程")
    keys.press("Enter")
    expect(canvas.block("离开流程")).to_be_focused()
    expect(canvas.arrows).to_have_count(2)

    # Duplicate, delete, undo, redo.
    keys.press("Control+d")
    expect(canvas.blocks).to_have_count(4)
    keys.press("Control+z")
    expect(canvas.blocks).to_have_count(3)
    keys.press("Control+Shift+z")
    expect(canvas.blocks).to_have_count(4)
    keys.press("Delete")
    expect(canvas.blocks).to_have_count(3)

    # Find a block, then tidy up and publish.
    keys.press("Control+f")
    keys.type("谢礼")
    keys.press("Enter")
    expect(canvas.block("谢礼")).to_have_class(re.compile(r"\bselected\b"))
    keys.press("Escape")
    expect(canvas.block("谢礼")).to_be_focused()
    canvas.saved()

    # The palette is one stop: a slash leads there, arrows through it, and F6 from part to part of the board.
    keys.press("/")
    expect(page.get_by_role("textbox", name="查找节点")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("End")
    keys.press("ArrowUp")
    assert page.evaluate("document.querySelectorAll('nav [data-roving][tabindex=\"0\"]').length") == 1
    keys.press("F6")
    expect(canvas.block("谢礼")).to_be_focused()

    # Check and publish, from where one stands.
    keys.press("c")
    expect(page.get_by_text("检查通过，可以发布")).to_be_visible()
    keys.press("p")
    go = page.get_by_role("dialog").get_by_role("button", name="发布并让新客户进入")
    expect(go).to_be_enabled()
    for _ in range(12):
        keys.press("Tab")
        if go.evaluate("one => one === document.activeElement"):
            break
    keys.press("Enter")
    expect(page.get_by_text("已发布，可以进入了")).to_be_visible()
    assert not person.complaints, person.complaints


def test_blocks_travel_between_flows_and_findings_mend_themselves(open_person: Callable[..., Person]) -> None:
    person = open_person("marketing")
    page, canvas = person.page, Canvas(person)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    canvas.draw(new_name("从这里"), SOME)
    page.keyboard.press("Control+a")
    expect(page.get_by_role("toolbar", name="多选操作")).to_contain_text("已选 5 个")
    page.keyboard.press("Control+c")
    canvas.draw(
        new_name("到这里"),
        {"blocks": [block("s1", "start.event", 900, 0, event_type="order.paid")], "arrows": [], "settings": {}},
    )
    page.keyboard.press("Control+v")
    expect(canvas.blocks).to_have_count(6)
    page.keyboard.press("Control+z")
    expect(canvas.blocks).to_have_count(1)

    # The one open way is said below the canvas, and led to a new exit by one press.
    page.get_by_role("button", name="处请留意").click()
    page.get_by_role("button", name="接到“离开”", exact=True).click()
    expect(canvas.blocks).to_have_count(2)
    expect(canvas.arrows).to_have_count(1)
    expect(page.get_by_text("画面上没有发现问题")).to_be_visible()


LARGE = 200


def large_flow() -> dict[str, Any]:
    """A start, then messages in ranks of ten, each leading on to the next rank and to a shared exit."""
    blocks = [block("s", "start.event", 1_440, 0, event_type="order.paid")]
    blocks += [block(f"b{n}", "messaging.send", n % 10 * 320, 168 + n // 10 * 168) for n in range(LARGE - 2)]
    blocks.append(block("x", "flow.exit", 1_440, 168 + 21 * 168))
    arrows = [{"from": "s", "port": "entered", "to": "b0"}]
    for n in range(LARGE - 2):
        onward = f"b{n + 10}" if n + 10 < LARGE - 2 else "x"
        arrows.append({"from": f"b{n}", "port": "sent", "to": onward})
        arrows.append(
            {"from": f"b{n}", "port": "held", "to": f"b{n + 1}" if n % 10 < 9 and n + 1 < LARGE - 2 else onward}
        )
        arrows.append({"from": f"b{n}", "port": "skipped", "to": "x"})
    return {"blocks": blocks, "arrows": arrows, "settings": {}}


FRAMES = """() => new Promise((done) => {
  const times = []; let last = performance.now();
  const step = (now) => { times.push(now - last); last = now; times.length < 90 ? requestAnimationFrame(step) : done(times); };
  requestAnimationFrame(step);
})"""


def work_of(page: Page) -> Callable[[], float]:
    """Tells what the page's main thread has worked since: ms of CPU, which unlike the clock do not count what the machine does besides."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def told() -> float:
        found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        return found["TaskDuration"] * 1000

    return told


def test_a_flow_of_two_hundred_blocks_opens_and_moves(open_person: Callable[..., Person]) -> None:
    """The figures are printed; a machine that is busy with other things may not fail for them."""
    person = open_person("marketing", width=1920, height=1080)
    page, canvas = person.page, Canvas(person)
    canvas.draw(new_name("两百个节点"), large_flow())
    person.visit("/flows")
    work = work_of(page)
    before = work()
    began = time.monotonic()
    page.go_back()
    expect(canvas.blocks.first).to_be_visible()
    opened = time.monotonic() - began
    worked = work() - before
    page.mouse.move(960, 600)
    page.mouse.down()
    page.evaluate(f"window.frames90 = ({FRAMES})()")
    for step in range(45):
        page.mouse.move(960 - step * 12, 600 - step * 6)
    page.mouse.up()
    times = sorted(page.evaluate("window.frames90"))
    middle, slowest = times[len(times) // 2], times[-3]
    began = time.monotonic()
    page.get_by_role("button", name="整理版面").click()
    canvas.saved()
    tidied = time.monotonic() - began
    print(
        f"{LARGE} blocks: open {opened:.2f} s ({worked:.0f} ms of the page's own CPU), frame while panning {middle:.1f} ms (slow ones {slowest:.0f} ms), tidied and saved {tidied:.2f} s"
    )
    page.get_by_role("button", name="看全图").click()
    expect(canvas.blocks).to_have_count(LARGE)
    assert len(canvas.graph()["blocks"]) == LARGE
    assert not person.complaints, person.complaints
