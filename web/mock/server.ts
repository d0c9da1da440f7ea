import type { IncomingMessage, ServerResponse } from "node:http";
import { answers } from "./answers.ts";
import { flowAnswers } from "./flows.ts";

function send(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(body));
}

/** Canned answers for looking at screens; the path arrives without its `/v1`. */
export function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://mock");
  const method = request.method ?? "GET";
  if (url.pathname === "/live") {
    response.setHeader("Content-Type", "text/event-stream");
    response.write(": open\n\n");
    return;
  }
  for (const [verb, pattern, reply] of [...answers, ...flowAnswers]) {
    const match = verb === method ? pattern.exec(url.pathname) : null;
    if (match) {
      send(response, 200, reply(match.slice(1), url.searchParams));
      return;
    }
  }
  send(response, 404, { error: { code: "not_found", message: { zh: `模拟接口没有 ${url.pathname}`, en: `The mock has no ${url.pathname}` }, details: [], id: "mock" } });
}
