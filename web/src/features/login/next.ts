/** Only addresses of this application: a link must not be able to send a person elsewhere after log-in. */
export function safeNext(next: string | null): string {
  return next?.startsWith("/") && !next.startsWith("//") ? next : "/home";
}
