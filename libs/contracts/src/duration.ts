const DAY_MS = 86_400_000;
const DURATION = /^P(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$/;

/** ISO 8601 duration of days, hours, minutes and seconds, in ms; null where it is none. */
export function durationMs(duration: string): number | null {
  const match = DURATION.exec(duration);
  if (!match || /[PT]$/.test(duration)) return null;
  const [days, hours, minutes, seconds] = match.slice(1, 5).map((part) => Number(part ?? 0));
  const withinDay = (hours ?? 0) * 3_600_000 + (minutes ?? 0) * 60_000 + (seconds ?? 0) * 1_000;
  return (days ?? 0) * DAY_MS + withinDay;
}

/** Whole seconds, in ms, as the duration that `durationMs` reads. */
export function durationText(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'H'],
    [Math.floor((seconds % 3_600) / 60), 'M'],
    [seconds % 60, 'S'],
  ] as const;
  const text = parts.map(([count, letter]) => (count > 0 ? `${count}${letter}` : '')).join('');
  return text === '' ? 'PT0S' : `PT${text}`;
}
