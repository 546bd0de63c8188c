import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@tallyward/testing';
import { storedCatalogue, type StoredCatalogue } from '../storage/stored-catalogue';
import { type Change, GIFT } from './changes';
import type { Fleet } from './fleet';
import { published, type Published } from './published';
import type { Verdict } from './verdict';

const PUBLISHED_WITHIN_MS = 60_000;
const MENDED_WITHIN_MS = 60_000;

/** State, audit trail, facts and snapshots tell one story, with each answered change once. */
export async function judgeChanges(fleet: Fleet, changes: readonly Change[]): Promise<Verdict> {
  const { stored, told } = await lastStory(fleet);
  const faults: string[] = [];
  const times = changes.map((change) => [change, timesHeld(change, stored)] as const);
  const lost = times.filter(([, { state, facts }]) => state === 0 || facts === 0);
  const doubled = times.filter(([, { state, facts }]) => state > 1 || facts > 1);
  for (const [{ name }, { state, facts }] of [...lost, ...doubled]) {
    faults.push(`${name}: ${state} times in the state, ${facts} facts`);
  }
  const untold = stored.facts.filter(({ factId }) => !told.facts.has(factId));
  faults.push(...untold.map(({ type, subject }) => `not published: ${type} ${subject}`));
  const unequal = [...differingFacts(stored, told), ...wrongWords({ stored, told })];
  faults.push(...unequal);
  return {
    lost: lost.length + untold.length,
    doubled: doubled.length,
    unequal: unequal.length,
    faults,
  };
}

interface Story {
  readonly stored: StoredCatalogue;
  readonly told: Published;
}

/**
 * When nothing waits to be published. What the topic's last words get wrong has time to be mended:
 * who was started again compares every one of them first.
 */
async function lastStory(fleet: Fleet): Promise<Story> {
  const url = fleet.bed.postgres.admin;
  const everyMs = 200;
  // A row may be published and not yet deleted: then it is published again.
  await until(async () => (await storedCatalogue(url)).waiting === 0, {
    what: 'the outbox to be empty',
    withinMs: PUBLISHED_WITHIN_MS,
    everyMs,
  });
  const givenUpAt = performance.now() + MENDED_WITHIN_MS;
  for (;;) {
    const story = { stored: await storedCatalogue(url), told: await published(fleet) };
    const isEnd = story.stored.waiting === 0 && wrongWords(story).length === 0;
    if (isEnd || performance.now() > givenUpAt) return story;
    await pause(everyMs);
  }
}

const wrongWords = ({ stored, told }: Story): string[] => [
  ...differingSnapshots(stored, told),
  ...differingBeside(stored, told),
];

function timesHeld(change: Change, { projects, customers, facts }: StoredCatalogue) {
  const { kind, name, group } = change;
  const project = projects.find((one) => one.project === change.project);
  const ofProject = facts.filter((fact) => fact.project === change.project);
  switch (kind) {
    case 'model':
      return {
        state: project?.models[name] === group ? 1 : 0,
        facts: ofProject.filter(({ subject }) => subject === `model:${name}`).length,
      };
    case 'key':
      return {
        state: project?.keys.filter((key) => key.name === name).length ?? 0,
        facts: ofProject.filter(({ type, after }) => type === 'key.created' && after?.name === name)
          .length,
      };
    case 'customer':
      return {
        state: customers.filter((one) => one.project === change.project && one.name === name)
          .length,
        facts: ofProject.filter(
          ({ type, subject }) => type === 'customer.changed' && subject === `customer:${name}`,
        ).length,
      };
    case 'gift': {
      const whose = customers.filter((one) => one.project === change.project);
      return {
        state: (whose.find(({ customer }) => customer === name)?.extra ?? 0) / GIFT,
        facts: ofProject.filter(
          ({ type, subject }) => type === 'limit.replenished' && subject === `customer:${name}`,
        ).length,
      };
    }
    case 'project':
      return {
        state: projects.filter((one) => one.name === name).length,
        facts: facts.filter(({ type, after }) => type === 'project.created' && after?.name === name)
          .length,
      };
  }
}

/** A fact that nobody stored, or that tells another change than the audit trail does. */
function differingFacts(stored: StoredCatalogue, { facts }: Published): string[] {
  const kept = new Map(stored.facts.map((fact) => [fact.factId, fact]));
  return [...facts.values()].flatMap(({ factId, type, project, version, subject }) => {
    const row = kept.get(factId);
    const isSame =
      row?.type === type &&
      row.project === project &&
      row.version === version &&
      row.subject === subject;
    return isSame ? [] : [`published, not stored: ${type} ${subject} of ${project}@${version}`];
  });
}

function differingSnapshots(stored: StoredCatalogue, { snapshots }: Published): string[] {
  return stored.projects.flatMap(({ project, version, keys, models }) => {
    const last = snapshots.get(project);
    if (!last) return [`no snapshot of ${project}`];
    const isSame =
      last.version === version &&
      sameText(
        keys.map(({ keyId }) => keyId),
        last.keys.map(({ keyId }) => keyId),
      ) &&
      sameText(Object.entries(models).map(String), Object.entries(last.models).map(String));
    return isSame ? [] : [`the last snapshot of ${project} is ${last.version}, not ${version}`];
  });
}

/** Tiers and customers. */
function differingBeside({ customers, tiers }: StoredCatalogue, told: Published): string[] {
  const stored = [
    ...customers.map(({ project, customer, version }) => [`c:${project}:${customer}`, version]),
    ...tiers.map(({ project, name, version, revision }) => {
      return [`t:${project}:${name}:${version}`, revision];
    }),
  ] as const;
  return stored.flatMap(([key = '', version]) => {
    const last = told.versions.get(String(key));
    return last === version ? [] : [`the last snapshot of ${key} is ${last}, not ${version}`];
  });
}

const sameText = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join('\n') === [...b].sort().join('\n');
