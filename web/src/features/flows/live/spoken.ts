/** The reader's half of a reason kept as "中文 | English"; one that has no halves is shown as it is. */
export function spoken(reason: string, language: string): string {
  const at = reason.indexOf(" | ");
  if (at < 0) return reason;
  return language.startsWith("zh") ? reason.slice(0, at) : reason.slice(at + 3);
}
