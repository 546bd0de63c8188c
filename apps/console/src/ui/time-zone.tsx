import { createContext, useContext } from 'react';

export interface ShownZone {
  /** The zone every instant on the page is written in: IANA. */
  readonly timeZone: string;
  /** Null: the project's own. */
  readonly chosen: string | null;
  readonly project: string;
  readonly choose: (timeZone: string | null) => void;
}

export const TimeZone = createContext<ShownZone>({
  timeZone: 'UTC',
  chosen: null,
  project: 'UTC',
  choose: () => undefined,
});

export const useTimeZone = (): ShownZone => useContext(TimeZone);
