import { fullNumber, shortNumber } from './figures';

/** A number, shortened; the full one on hover and to screen readers. */
export function Quantity({ value, of }: { value: number; of?: string }) {
  const full = `${fullNumber(value)}${of ? ` ${of}` : ''}`;
  return (
    <span className="tw-number" title={full} aria-label={full} role="text">
      {shortNumber(value)}
    </span>
  );
}
