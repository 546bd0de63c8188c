import { groupsOf } from './project';

it('offers the groups every project has, those that tiers name, and each once', () => {
  const limits = [
    { modelGroup: 'vision', restrictTo: 'premium' },
    { modelGroup: '*', restrictTo: null },
    { modelGroup: 'vision', restrictTo: 'tiny' },
  ];
  const versions = [{ limits }] as unknown as Parameters<typeof groupsOf>[0];
  expect(groupsOf(versions)).toEqual([
    ...['standard', 'premium', 'super-premium', 'reasoning'],
    ...['vision', 'tiny'],
  ]);
});
