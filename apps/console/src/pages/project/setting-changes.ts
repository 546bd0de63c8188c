import type { Settings } from '@tallyward/contracts';
import { shown } from './changes-of';

export interface SettingChange {
  readonly setting: keyof Settings;
  readonly words: string;
  readonly before: string;
  readonly after: string;
  /** What it does to customers. */
  readonly consequence: string;
}

const WORDS: Readonly<Record<keyof Settings, { words: string; consequence: string }>> = {
  timeZone: {
    words: 'Time zone',
    consequence:
      'Limits of every customer without a zone of its own start and end by the new zone, the windows of now included.',
  },
  lateness: {
    words: 'Late usage is taken for',
    consequence: 'Usage that is older when it arrives is refused from now on.',
  },
  defaultTier: {
    words: 'Default tier',
    consequence: 'Customers that come from now on start on it; nobody else changes.',
  },
  failOpen: {
    words: 'When Tallyward can not decide',
    consequence: 'It holds for every call of every customer that can not be decided.',
  },
  unknownModels: {
    words: 'Models that nobody registered',
    consequence: 'It holds for the next call of every customer.',
  },
  closing: {
    words: 'Closing',
    consequence: 'It holds for periods that are not closed yet; closed ones never change.',
  },
};

/** Which settings differ, in words. */
export function settingChanges(before: Settings, after: Settings): SettingChange[] {
  return (Object.keys(WORDS) as (keyof Settings)[])
    .filter((setting) => JSON.stringify(before[setting]) !== JSON.stringify(after[setting]))
    .map((setting) => ({
      setting,
      ...WORDS[setting],
      before: settingWords(before, setting),
      after: settingWords(after, setting),
    }));
}

function settingWords(settings: Settings, setting: keyof Settings): string {
  const { defaultTier, closing, failOpen, unknownModels } = settings;
  if (setting === 'defaultTier') return `${defaultTier.name} v${defaultTier.version}`;
  if (setting === 'closing') return `every ${closing.every}, ${closing.grace} after its end`;
  if (setting === 'failOpen') return failOpen ? 'allow' : 'refuse';
  if (setting === 'unknownModels') return unknownModels;
  return shown(settings[setting]);
}
