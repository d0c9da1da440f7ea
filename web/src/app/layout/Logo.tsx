/** Two wheels, one ahead of the other. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" style={{ flexShrink: 0 }}>
      <rect width="32" height="32" rx="8" fill="#0b6e69" />
      <g fill="none" strokeWidth="3">
        <circle cx="12" cy="18" r="5.5" stroke="#ffffff" />
        <circle cx="20" cy="14" r="5.5" stroke="#f4a572" />
      </g>
    </svg>
  );
}
