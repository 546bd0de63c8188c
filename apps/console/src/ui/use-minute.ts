import { useEffect, useState } from 'react';

const MINUTE_MS = 60_000;
const thisMinute = (): number => Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;

/** The start of the present minute, epoch ms: what is asked for stays the same within it. */
export function useMinute(): number {
  const [minute, setMinute] = useState(thisMinute);
  useEffect(() => {
    const timer = setTimeout(() => setMinute(thisMinute()), minute + MINUTE_MS - Date.now() + 50);
    return () => clearTimeout(timer);
  }, [minute]);
  return minute;
}
