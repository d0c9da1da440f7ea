import { afterEach, expect, test, vi } from "vitest";
import { api, apiUrl, setCsrfToken, whenSessionEnds } from "./client";
import { ApiError } from "./errors";

function answer(status: number, body: unknown) {
  const fetched = vi.fn<(url: string, init?: RequestInit) => Promise<Response>>(() => Promise.resolve(new Response(body === null ? null : JSON.stringify(body), { status })));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

afterEach(() => vi.unstubAllGlobals());

test("empty filters are left out of the address, lists are repeated", () => {
  expect(apiUrl("/customers", { q: "a b", city: "", tag: null, id: ["1", "2"], limit: 50 })).toBe("/v1/customers?q=a+b&id=1&id=2&limit=50");
});

test("changes carry the CSRF token, reading does not", async () => {
  setCsrfToken("t0ken");
  const fetched = answer(200, {});
  await api.get("/me");
  await api.post("/tags", { name: "x" });
  const headers = fetched.mock.calls.map(([, init]) => init?.headers as Record<string, string>);
  expect(headers[0]).not.toHaveProperty("X-CSRF-Token");
  expect(headers[1]).toMatchObject({ "X-CSRF-Token": "t0ken", "Content-Type": "application/json" });
});

test("the server's error arrives with its words, places and id", async () => {
  answer(422, { error: { code: "bad", message: { zh: "\u4e0d\u5bf9", en: "wrong" }, details: [{ where: "name", what: { zh: "a", en: "b" } }], id: "r1" } });
  const error = await api.get("/x").catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 422, code: "bad", id: "r1", places: [{ where: "name" }] });
});

test("a session that ended is noticed, a wrong password is not taken for one", async () => {
  const ended = vi.fn();
  whenSessionEnds(ended);
  answer(401, { error: { code: "not_signed_in", message: { zh: "", en: "" } } });
  await api.get("/customers").catch(() => undefined);
  expect(ended).toHaveBeenCalledTimes(1);
  await api.post("/session", {}).catch(() => undefined);
  expect(ended).toHaveBeenCalledTimes(1);
});

test("an unreachable server and an answer that is not JSON are told in words, too", async () => {
  vi.stubGlobal("fetch", vi.fn(() => Promise.reject(new TypeError("failed"))));
  await expect(api.get("/x")).rejects.toMatchObject({ code: "network" });
  vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(new Response("<html>", { status: 502 }))));
  const { words } = (await api.get("/x").catch((reason: unknown) => reason)) as ApiError;
  await expect(api.get("/x")).rejects.toMatchObject({ code: "http_502", status: 502 });
  expect(words.en).toMatch(/gateway before the server answered 502/);
  vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(new Response("<html>log in here", { status: 200 }))));
  await expect(api.get("/x")).rejects.toMatchObject({ code: "http_200", words: { en: expect.stringMatching(/answered 200/) as string } });
});
