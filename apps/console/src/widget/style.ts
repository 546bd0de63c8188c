/** Follows the page it stands in: its font, its text colour, light or dark. */
export const STYLE = `
:host { display: block; font: inherit; font-size: 14px; color: inherit; color-scheme: light dark; }
section { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); }
article { border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 8px;
  padding: 12px; min-width: 0; }
h3 { font: inherit; font-weight: 600; margin: 0 0 8px; overflow-wrap: anywhere; }
p { margin: 8px 0 0; font-size: 13px; }
.quiet { opacity: .8; }
.stale { grid-column: 1 / -1; }
.bar { display: flex; height: 8px; border-radius: 4px; overflow: hidden;
  background: color-mix(in srgb, currentColor 12%, transparent); }
.used { background: #4263eb; }
.held { background: #91a7ff; }
.near .used { background: #e08600; }
.over .used { background: #d6336c; }
`;
