import { Group, Stack } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { TextFilter } from '../../ui/text-filter';
import { AuditList } from './audit-list';
import type { AuditSearch } from './project-search';

/** Who changed what, when and why; newest first. */
export function AuditTab() {
  const wanted = useSearch({ from: '/signed/project/audit' });
  const navigate = useNavigate({ from: '/project/audit' });
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
      <AuditList
        wanted={wanted}
        next="Take a filter away; every change of keys, models, settings, tiers and customers stands here."
      />
    </Stack>
  );
}
