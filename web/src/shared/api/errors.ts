import { say, type Words } from "@/shared/i18n";
import i18next from "i18next";

export interface ErrorPlace {
  where: string;
  what: Words;
}

interface ErrorBody {
  error: { code: string; message: Words; details?: ErrorPlace[]; id?: string };
}

/** What went wrong, in words for the reader: `code` is stable, `places` say where, `id` is for support. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly words: Words,
    readonly places: readonly ErrorPlace[] = [],
    readonly id: string | null = null,
  ) {
    super(words.en);
    this.name = "ApiError";
  }

  get sentence(): string {
    return say(this.words);
  }
}

function isErrorBody(value: unknown): value is ErrorBody {
  if (typeof value !== "object" || value === null || !("error" in value)) return false;
  const { error } = value;
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}

function bothLanguages(key: string, values: object = {}): Words {
  return { zh: i18next.t(key, { ...values, lng: "zh", ns: "shared" }), en: i18next.t(key, { ...values, lng: "en", ns: "shared" }) };
}

export async function readError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  if (isErrorBody(body)) {
    const { code, message, details, id } = body.error;
    return new ApiError(response.status, code, message, details ?? [], id ?? null);
  }
  return gatewayError(response);
}

/** Not our server's words: a proxy before it, or a page where data was asked for. There is no id to pass on, but a number. */
export function gatewayError(response: Response): ApiError {
  return new ApiError(response.status, `http_${response.status}`, bothLanguages("state.gateway", { status: response.status }), [], response.headers.get("x-request-id"));
}

/** What a successful answer holds; rejects with what to do where it is not data. */
export async function readAnswer<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    const error = cause instanceof SyntaxError ? gatewayError(response) : networkError(cause);
    error.cause = cause;
    throw error;
  }
}

export function networkError(cause: unknown): ApiError {
  const error = new ApiError(0, "network", bothLanguages("state.network"));
  error.cause = cause;
  return error;
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, "unexpected", bothLanguages("state.unexpected"));
}
