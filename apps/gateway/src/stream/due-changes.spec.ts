import { DueChanges, FOLDED_AFTER_MS, TELL_EVERY_MS } from './due-changes';

describe('what a stream is told', () => {
  it('is merged, and told at most every two seconds', () => {
    const changes = new DueChanges();
    expect(changes.take(0)).toEqual([]);
    changes.note(['tiers'], 0);
    changes.note(['keys', 'tiers'], 10);
    expect(changes.take(20)).toEqual(['tiers', 'keys']);
    changes.note(['models'], 30);
    expect(changes.take(20 + TELL_EVERY_MS - 1)).toEqual([]);
    expect(changes.take(20 + TELL_EVERY_MS)).toEqual(['models']);
    expect(changes.take(1e9)).toEqual([]);
  });

  it('is told once more when folds have taken up what was logged', () => {
    const changes = new DueChanges();
    changes.note(['usage', 'customers'], 0);
    expect(changes.take(1)).toEqual(['usage', 'customers']);
    expect(changes.take(FOLDED_AFTER_MS - 1)).toEqual([]);
    expect(changes.take(FOLDED_AFTER_MS)).toEqual(['usage']);
    expect(changes.take(1e9)).toEqual([]);
  });
});
