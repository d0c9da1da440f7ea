export type DrawingName = "empty" | "search" | "error" | "start" | "done";

const inside: Record<DrawingName, React.ReactNode> = {
  empty: (
    <>
      <circle cx="38" cy="54" r="18" stroke="var(--t-primary-text)" />
      <circle cx="60" cy="44" r="18" stroke="var(--t-accent)" strokeDasharray="4 5" />
    </>
  ),
  search: (
    <>
      <circle cx="42" cy="44" r="20" stroke="var(--t-primary-text)" />
      <path d="M57 59 L72 74" stroke="var(--t-accent)" />
      <path d="M34 44 h16" stroke="var(--t-line-strong)" />
    </>
  ),
  error: (
    <>
      <circle cx="36" cy="52" r="17" stroke="var(--t-primary-text)" />
      <circle cx="66" cy="46" r="17" stroke="var(--t-accent)" strokeDasharray="3 6" />
      <path d="M49 26 l6 10 -8 6 6 10" stroke="var(--t-danger)" />
    </>
  ),
  start: (
    <>
      <rect x="18" y="36" width="24" height="18" rx="5" stroke="var(--t-primary-text)" />
      <rect x="58" y="22" width="22" height="16" rx="5" stroke="var(--t-accent)" />
      <rect x="58" y="54" width="22" height="16" rx="5" stroke="var(--t-line-strong)" />
      <path d="M42 45 C50 45 50 30 58 30 M42 45 C50 45 50 62 58 62" stroke="var(--t-line-strong)" />
    </>
  ),
  done: (
    <>
      <circle cx="48" cy="48" r="24" stroke="var(--t-primary-text)" />
      <path d="M37 49 l8 8 15 -17" stroke="var(--t-accent)" />
    </>
  ),
};

/** Line drawings in the brand's two wheels; decoration only, so hidden from screen readers. */
export function Drawing({ name, size = 96 }: { name: DrawingName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 96 96" fill="none" strokeWidth="3.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      {inside[name]}
    </svg>
  );
}
