import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';

interface Told {
  readonly asOf: string | null;
  readonly tell: (asOf: string | null) => void;
}

const AsOf = createContext<Told>({ asOf: null, tell: () => undefined });

/** Keeps the instant that the page on show is right as of, for the header. */
export function AsOfProvider({ children }: { children: ReactNode }) {
  const [asOf, tell] = useState<string | null>(null);
  return <AsOf.Provider value={{ asOf, tell }}>{children}</AsOf.Provider>;
}

export const useShownAsOf = (): string | null => useContext(AsOf).asOf;

/** A page tells what its figures are right as of: every event acked before it is in. */
export function useDataAsOf(asOf: string | undefined): void {
  const { tell } = useContext(AsOf);
  useEffect(() => {
    tell(asOf ?? null);
    return () => tell(null);
  }, [asOf, tell]);
}
