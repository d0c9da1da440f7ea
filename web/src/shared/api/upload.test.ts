import { afterEach, expect, test, vi } from "vitest";
import { api, setCsrfToken } from "./client";

class Request {
  static last: Request;
  upload: { onprogress?: (event: object) => void } = {};
  onload: () => void = () => undefined;
  onerror: () => void = () => undefined;
  status = 0;
  statusText = "";
  responseText = "";
  headers: Record<string, string> = {};
  constructor() {
    Request.last = this;
  }
  open = vi.fn();
  send = vi.fn();
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  getResponseHeader() {
    return "r1";
  }
  answer(status: number, body: unknown) {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onload();
  }
}

afterEach(() => vi.unstubAllGlobals());

function begin(onSent: (share: number) => void = () => undefined) {
  vi.stubGlobal("XMLHttpRequest", Request);
  setCsrfToken("t0ken");
  return api.upload<{ id: string }>("/imports", new FormData(), onSent);
}

test("a file on its way tells how much of it has left, and is sent with the token", async () => {
  const shares: number[] = [];
  const made = begin((share) => shares.push(share));
  Request.last.upload.onprogress?.({ lengthComputable: true, loaded: 1, total: 4 });
  Request.last.upload.onprogress?.({ lengthComputable: false, loaded: 2, total: 0 });
  Request.last.upload.onprogress?.({ lengthComputable: true, loaded: 4, total: 4 });
  Request.last.answer(201, { id: "1" });
  expect(await made).toEqual({ id: "1" });
  expect(shares).toEqual([0.25, 1]);
  expect(Request.last.open).toHaveBeenCalledWith("POST", "/v1/imports");
  expect(Request.last.headers["X-CSRF-Token"]).toBe("t0ken");
});

test("a refused file and a lost connection are told in words", async () => {
  const refused = begin();
  Request.last.answer(422, { error: { code: "bad", message: { zh: "", en: "" } } });
  await expect(refused).rejects.toMatchObject({ status: 422, code: "bad" });
  const lost = begin();
  Request.last.onerror();
  await expect(lost).rejects.toMatchObject({ code: "network" });
});
