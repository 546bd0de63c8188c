import { inOrder } from './project';

it('shows the groups that every project starts with first, and the project’s own after them', () => {
  const named = (group: string) => ({
    ...{ group, defaultModel: null, defaultModelChosen: false, models: [] },
  });
  const groups = ['premium', 'reasoning', 'standard', 'tiny', 'vision'].map(named);
  expect(inOrder(groups).map(({ group }) => group)).toEqual([
    ...['standard', 'premium', 'reasoning'],
    ...['tiny', 'vision'],
  ]);
});
