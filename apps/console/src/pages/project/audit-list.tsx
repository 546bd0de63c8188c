import { Stack } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Paged } from '../../ui/paged';
import { Empty } from '../../ui/states/empty';
import { AuditFactLine } from './audit-fact';
import { auditQuery } from './project-calls';
import type { AuditSearch } from './project-search';

interface AuditListProps {
  readonly wanted: AuditSearch;
  /** What to do where nothing is listed. */
  readonly next: string;
}

/** Changes, newest first: who, when, why, before and after. */
export function AuditList({ wanted, next }: AuditListProps) {
  const facts = useInfiniteQuery(auditQuery(wanted));
  return (
    <Paged what="changes" query={facts} empty={<Empty title="No change like this" next={next} />}>
      {(rows) => (
        <Stack gap={0} component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
          {rows.map((fact) => (
            <AuditFactLine key={fact.factId} fact={fact} />
          ))}
        </Stack>
      )}
    </Paged>
  );
}
