import { Badge } from '@mantine/core';
import type { TierVersion } from '@tallyward/contracts';

const WORDS = { draft: 'Draft', frozen: 'In use: read-only' } as const;

/** A draft can be edited; what a customer has ever had is frozen for good. */
export function VersionState({ state }: { state: TierVersion['state'] }) {
  return (
    <Badge variant={state === 'draft' ? 'outline' : 'default'} tt="none" fw={500}>
      {WORDS[state]}
    </Badge>
  );
}
