import { Group, Stack } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Paged } from '../../ui/paged';
import { Empty } from '../../ui/states/empty';
import { TextFilter } from '../../ui/text-filter';
import { AuditFactLine } from './audit-fact';
import { auditQuery } from './project-calls';
import type { AuditSearch } from './project-search';

/** Who changed what, when and why; newest first. */
export function AuditTab() {
  const wanted = useSearch({ from: '/signed/project/audit' });
  const navigate = useNavigate({ from: '/project/audit' });
  const facts = useInfiniteQuery(auditQuery(wanted));
  const set = (change: AuditSearch): void =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  return (
    <Stack>
      <Group gap="xs">
        <TextFilter
          label="Customer"
          placeholder="Every customer"
          value={wanted.customer ?? ''}
          choose={(customer) => set({ customer })}
        />
        <TextFilter
          label="Usage tier"
          placeholder="Every usage tier"
          value={wanted.tier ?? ''}
          choose={(tier) => set({ tier })}
        />
      </Group>
      <Paged
        what="changes"
        query={facts}
        empty={
          <Empty
            title="No change like this"
            next="Take a filter away; every change of keys, models, settings, tiers and customers stands here."
          />
        }
      >
        {(rows) => (
          <Stack gap={0} component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
            {rows.map((fact) => (
              <AuditFactLine key={fact.factId} fact={fact} />
            ))}
          </Stack>
        )}
      </Paged>
    </Stack>
  );
}
