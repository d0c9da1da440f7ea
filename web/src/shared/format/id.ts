/** What somebody or something without a name is told apart by, as the server has it: the end of an id, since ids begin with the time and so all alike. */
export function shortId(id: string): string {
  return `#${id.slice(-6).toUpperCase()}`;
}
