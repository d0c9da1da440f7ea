import { split } from "./marking";

/** A text with the words that were looked for marked in it. */
export function Marked({ text, words }: { text: string; words: readonly string[] }) {
  return <span>{split(text, words).map((part, at) => (part.found ? <mark key={at}>{part.text}</mark> : <span key={at}>{part.text}</span>))}</span>;
}
