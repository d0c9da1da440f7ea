import { beforeEach, expect, test, vi } from "vitest";
import { reloadWhenStale } from "./freshness";

beforeEach(() => sessionStorage.clear());

test("a missing chunk reloads the page once, and a second time only much later", () => {
  const page = new EventTarget();
  const reload = vi.fn();
  let time = 1_000_000;
  reloadWhenStale(page, reload, () => time);
  const fail = () => page.dispatchEvent(new Event("vite:preloadError"));
  fail();
  expect(reload).toHaveBeenCalledTimes(1);
  time += 5_000;
  fail();
  expect(reload).toHaveBeenCalledTimes(1);
  time += 600_000;
  fail();
  expect(reload).toHaveBeenCalledTimes(2);
});
