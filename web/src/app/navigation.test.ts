import { expect, test } from "vitest";
import { moveFocus } from "./layout/navKeys";
import { groups, visibleGroups } from "./navigation";

test("no group holds more than seven pages, and no page stands twice", () => {
  for (const group of groups) expect(group.entries.length).toBeLessThanOrEqual(7);
  const places = groups.flatMap((group) => [...(group.to ? [group.to] : []), ...group.entries.map((entry) => entry.to)]);
  expect(new Set(places).size).toBe(places.length);
});

test("a group of which one page is left is that page", () => {
  const shown = visibleGroups((permission) => permission === undefined || permission === "import.write");
  expect(shown.map(({ key, label, to }) => [key, label, to])).toEqual([
    ["home", undefined, "/home"],
    ["intake", "imports", "/imports"],
    ["outflow", "exports", "/exports"],
  ]);
});

test("arrow keys go through what is shown; right opens, left goes back to the head and closes", () => {
  document.body.innerHTML = `<nav><a id="home" data-nav href="/home"></a>
    <button id="head" data-nav aria-expanded="true" aria-controls="pages"></button><ul id="pages"><a id="page" data-nav data-of="pages" href="/x"></a></ul></nav>`;
  const nav = document.querySelector("nav");
  const head = document.getElementById("head");
  if (!nav || !head) throw new Error("nothing to move in");
  head.addEventListener("click", () => head.setAttribute("aria-expanded", String(head.getAttribute("aria-expanded") === "false")));
  const press = (key: string) => [moveFocus(nav, key), document.activeElement?.id];
  document.getElementById("home")?.focus();
  expect(press("ArrowUp")).toEqual([true, "home"]);
  expect(press("ArrowDown")).toEqual([true, "head"]);
  expect(press("End")).toEqual([true, "page"]);
  expect(press("ArrowLeft")).toEqual([true, "head"]);
  press("ArrowLeft");
  expect(head.getAttribute("aria-expanded")).toBe("false");
  press("ArrowRight");
  expect(head.getAttribute("aria-expanded")).toBe("true");
  expect(press("Home")).toEqual([true, "home"]);
  expect(press("ArrowLeft")).toEqual([false, "home"]);
  expect(press("x")).toEqual([false, "home"]);
});
