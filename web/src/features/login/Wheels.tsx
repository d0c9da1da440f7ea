/** The brand's two wheels, large and quiet behind the promise. */
export function Wheels() {
  const spokes = [0, 30, 60, 90, 120, 150];
  return (
    <svg viewBox="0 0 520 320" width="100%" aria-hidden="true" style={{ maxWidth: 460 }}>
      <g fill="none" stroke="#ffffff" strokeOpacity="0.9" strokeWidth="6">
        <circle cx="150" cy="200" r="96" />
        <circle cx="370" cy="200" r="96" stroke="#f4a572" strokeOpacity="1" />
        {spokes.map((angle) => (
          <g key={angle} strokeWidth="1.5" strokeOpacity="0.45">
            <path d="M150 104 V296" transform={`rotate(${angle} 150 200)`} />
            <path d="M370 104 V296" stroke="#f4a572" transform={`rotate(${angle} 370 200)`} />
          </g>
        ))}
        <path d="M150 200 L222 92 L262 200 Z M222 92 L336 92 L262 200 M336 92 L370 200 M206 68 h36 M320 68 h34" strokeWidth="5" strokeLinejoin="round" strokeLinecap="round" />
      </g>
    </svg>
  );
}
