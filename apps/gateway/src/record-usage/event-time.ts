const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const LONGEST_TIME = 64;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * An RFC 3339 instant as epoch milliseconds, cut (not rounded) below; null where it names no
 * instant. A leap second is none: epoch time has no place for it, and none lies within the horizon
 * (the last was in 2016). Hour 24 is none either: RFC 3339 has no such hour.
 */
export function eventTime(text: string): number | null {
  const match = text.length <= LONGEST_TIME ? RFC_3339.exec(text) : null;
  if (!match) return null;
  const part = (at: number) => Number(match[at] ?? 0);
  const [year, month, day] = [part(1), part(2), part(3)];
  const [hour, minute, second] = [part(4), part(5), part(6)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59 || part(9) > 23 || part(10) > 59) return null;
  const ms = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = (match[8] === '-' ? -1 : 1) * (part(9) * 60 + part(10)) * 60_000;
  return utc(year, month, day) + ((hour * 60 + minute) * 60 + second) * 1_000 + ms - offset;
}

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
}

/** Date.UTC takes the years 0 … 99 for 1900 … 1999. */
function utc(year: number, month: number, day: number): number {
  return year >= 100
    ? Date.UTC(year, month - 1, day)
    : new Date(0).setUTCFullYear(year, month - 1, day);
}
