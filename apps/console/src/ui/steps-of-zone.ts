const DAY_MS = 24 * 3_600_000;

/** Where the step of so many ms begins that an instant lies in, by the zone's clock; epoch ms. */
export function startOfStep(at: number, stepMs: number, timeZone: string): number {
  const shown = at + offsetAt(at, timeZone);
  return at - (((shown % stepMs) + stepMs) % stepMs);
}

/** Where the clocks change that day, the offset at its start is another than at the instant. */
export function startOfDay(at: number, timeZone: string): number {
  const shown = at + offsetAt(at, timeZone);
  const midnight = shown - (((shown % DAY_MS) + DAY_MS) % DAY_MS);
  const near = midnight - offsetAt(at, timeZone);
  return midnight - offsetAt(near, timeZone);
}

/** Local less universal time, ms. */
function offsetAt(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const shown = Date.UTC(
    of('year'),
    of('month') - 1,
    of('day'),
    of('hour'),
    of('minute'),
    of('second'),
  );
  return shown - Math.floor(at / 1_000) * 1_000;
}
