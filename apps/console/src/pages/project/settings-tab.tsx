import type { Settings } from '@tallyward/contracts';
import { useQuery } from '@tanstack/react-query';
import { settingsQuery } from '../../api/project';
import { tiersQuery } from '../../api/tiers';
import { Answered } from '../../ui/states/answered';
import { SettingsForm } from './settings-form';

/** How the project counts, decides and closes. */
export function SettingsTab() {
  const settings = useQuery(settingsQuery);
  const tiers = useQuery(tiersQuery);
  return (
    <Answered what="settings" query={settings}>
      {(now: Settings) => (
        <SettingsForm key={JSON.stringify(now)} now={now} versions={tiers.data ?? []} />
      )}
    </Answered>
  );
}
