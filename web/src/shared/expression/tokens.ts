import type { StreamParser } from "@codemirror/language";

const WORD = /^(and|or|not|in|between|contains|starts_with|ends_with|starts|ends|with|is|missing|where|last|to|true|false|null)\b/;
const AGGREGATE = /^(count|sum|avg|min|max|first|last|most_frequent|days_in_a_row|exists)(?=\s*\()/;
const DURATION = /^\d+(\.\d+)?\s*(seconds?|minutes?|hours?|days?|weeks?)\b/;

/** What colours a formula: one rule for each kind of word. */
export const formulaTokens: StreamParser<null> = {
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^'(?:[^'\\\n]|\\.|'')*'?/) || stream.match(/^"(?:[^"\\\n]|\\.|"")*"?/)) return "string";
    if (stream.match(DURATION) || stream.match(/^\d+(\.\d+)?%?/)) return "number";
    if (stream.match(AGGREGATE)) return "keyword";
    if (stream.match(WORD)) return "operatorKeyword";
    if (stream.match(/^[\p{L}_][\p{L}\p{N}_]*(?=\s*\()/u)) return "function";
    if (stream.match(/^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}\p{N}_]+)*/u)) return "variableName";
    if (stream.match(/^(<=|>=|!=|[=<>+\-*/])/)) return "operator";
    stream.next();
    return null;
  },
  tokenTable: {},
};
