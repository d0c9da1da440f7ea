import { ApiError, asApiError, networkError, readAnswer, readError } from "./errors";
import { upload, type OnSent } from "./upload";

type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

interface Options {
  query?: Query | undefined;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** Anything the server answers 401 to outside the log-in form means that the session has ended. */
type SessionEnd = () => void;

let csrfToken = "";
let onSessionEnd: SessionEnd = () => undefined;

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

export function whenSessionEnds(handler: SessionEnd): void {
  onSessionEnd = handler;
}

export function apiUrl(path: string, query?: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === null || value === undefined || value === "") continue;
    if (Array.isArray(value)) for (const one of value as readonly string[]) search.append(name, one);
    else search.set(name, String(value));
  }
  const text = search.toString();
  return `/v1${path}${text ? `?${text}` : ""}`;
}

function requestInit(method: string, { body, signal }: Options): RequestInit {
  const headers: Record<string, string> = { Accept: "application/json" };
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (signal) init.signal = signal;
  if (method !== "GET") headers["X-CSRF-Token"] = csrfToken;
  if (body instanceof FormData) init.body = body;
  else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  return init;
}

async function send<T>(method: string, path: string, options: Options = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(apiUrl(path, options.query), requestInit(method, options));
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw networkError(cause);
  }
  if (!response.ok) {
    const error = await readError(response);
    if (error.status === 401 && path !== "/session") onSessionEnd();
    throw error;
  }
  if (response.status === 204) return undefined as T;
  return readAnswer<T>(response);
}

/** A form with a file; `onSent` hears how much of it has left. */
async function sendFile<T>(path: string, form: FormData, onSent: OnSent): Promise<T> {
  try {
    return await upload<T>({ url: apiUrl(path), headers: { Accept: "application/json", "X-CSRF-Token": csrfToken }, form, onSent });
  } catch (error) {
    if (asApiError(error).status === 401) onSessionEnd();
    throw error;
  }
}

/** The one way to the server. Every method rejects with an {@link ApiError} the reader can be shown. */
export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => send<T>("GET", path, { query, signal }),
  post: <T = unknown>(path: string, body?: unknown, query?: Query) => send<T>("POST", path, { body, query }),
  upload: sendFile,
  put: <T = unknown>(path: string, body?: unknown) => send<T>("PUT", path, { body }),
  patch: <T = unknown>(path: string, body?: unknown) => send<T>("PATCH", path, { body }),
  delete: <T = unknown>(path: string, body?: unknown) => send<T>("DELETE", path, { body }),
};

export { ApiError };
