import { madeKey, projectOf } from '../gateway.builder';
import { authenticate } from './authenticate';
import { ProjectSnapshots } from './project-snapshots';

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const [first, second] = [madeKey(['read']), madeKey(['read'])];

let snapshots: ProjectSnapshots;
beforeEach(() => {
  snapshots = new ProjectSnapshots();
});
const take = (project: ReturnType<typeof projectOf>) =>
  snapshots.take(`p:${project.project}`, bytes(project));
const isKnown = (key: string, now = Date.now()) =>
  authenticate(`Bearer ${key}`, snapshots, now).kind === 'known';

describe('what a gateway knows of a project', () => {
  it('is its newest snapshot: a revoked key is refused from then on', () => {
    take(projectOf('demo', [first, second], 1));
    expect([isKnown(first.key), isKnown(second.key)]).toEqual([true, true]);
    take(projectOf('demo', [second], 2));
    expect([isKnown(first.key), isKnown(second.key)]).toEqual([false, true]);
  });

  it('is never an older version, or a revoked key would come back', () => {
    take(projectOf('demo', [second], 2));
    expect(take(projectOf('demo', [first, second], 1))).toBe('older');
    expect(take(projectOf('demo', [first, second], 2))).toBe('older');
    expect(isKnown(first.key)).toBe(false);
  });

  it('is nothing after a tombstone', () => {
    take(projectOf('demo', [first], 1));
    expect(snapshots.take('p:demo', null)).toBe('taken');
    expect(snapshots.take('p:never', null)).toBe('taken');
    expect(isKnown(first.key)).toBe(false);
    expect(snapshots.size).toBe(0);
  });

  it('is the last good snapshot where a later one can not be read', () => {
    take(projectOf('demo', [first], 1));
    const other = projectOf('other', [second], 2);
    expect(snapshots.take('p:demo', Buffer.from('{'))).toBe('unreadable');
    expect(snapshots.take('p:demo', Buffer.from([0xff]))).toBe('unreadable');
    expect(snapshots.take('p:demo', bytes({ ...projectOf('demo', []), version: 'x' }))).toBe(
      'unreadable',
    );
    expect(snapshots.take('p:demo', bytes(other))).toBe('unreadable');
    expect([isKnown(first.key), isKnown(second.key)]).toEqual([true, false]);
  });

  it('leaves other kinds of snapshot alone', () => {
    expect(snapshots.take('t:demo:pro:1', bytes({}))).toBe('not-a-project');
    expect(snapshots.take(null, null)).toBe('not-a-project');
  });

  it('ends a key at its last instant', () => {
    const key = madeKey(['read'], { expiresAt: 1_000 });
    take(projectOf('demo', [key]));
    expect([isKnown(key.key, 999), isKnown(key.key, 1_000)]).toEqual([true, false]);
  });

  it('tells whoever waits for a version when it is there', async () => {
    take(projectOf('demo', [], 3));
    await expect(snapshots.reached('demo', 3, 1)).resolves.toBe(true);
    const later = snapshots.reached('demo', 5, 5_000);
    const never = snapshots.reached('other', 1, 20);
    take(projectOf('demo', [], 4));
    take(projectOf('demo', [], 6));
    await expect(later).resolves.toBe(true);
    await expect(never).resolves.toBe(false);
  });
});
