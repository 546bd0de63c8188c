import { ClosingHealth, DuePass, STILL_AFTER_MS } from './closing-health';

const NOW = Date.UTC(2026, 10, 20, 12);
const DUE = NOW - 300_000;

let health: ClosingHealth;
beforeEach(() => {
  health = new ClosingHealth(NOW);
});

function passOf(...open: number[]): DuePass {
  const pass = new DuePass();
  for (const at of open) pass.open(at);
  return pass;
}

describe('closing that gets on', () => {
  it('says nothing, whatever is due only later', () => {
    health.found(passOf(NOW + 1_000), true);
    health.lookEnded();
    expect(health.dueSeconds(NOW)).toBe(0);
    expect(health.answer(NOW + STILL_AFTER_MS + 1)).not.toEqual({ ok: true });
    health.gotOn(NOW + STILL_AFTER_MS);
    expect(health.answer(NOW + STILL_AFTER_MS + 1)).toEqual({ ok: true });
  });

  it('has nothing due once a whole pass found nothing open', () => {
    health.found(passOf(DUE), false);
    expect(health.dueSeconds(NOW)).toBe(300);
    health.found(passOf(), true);
    expect(health.dueSeconds(NOW)).toBe(0);
  });
});

describe('closing that does not get on', () => {
  it('tells since when and why, though each look fails, and stays ready', () => {
    health.found(passOf(DUE, NOW + 1), true);
    health.waits('engines');
    health.lookEnded();
    const later = NOW + STILL_AFTER_MS + 30_000;
    expect(health.answer(later)).toEqual({
      ok: true,
      detail:
        'nothing closed and no look got through for 90 s (engines); a period is due for 390 s',
    });
    expect(health.dueSeconds(later)).toBe(390);
  });

  it('becomes due by itself: no look needs to see it', () => {
    health.found(passOf(NOW + 10_000), true);
    expect(health.dueSeconds(NOW + 25_000)).toBe(15);
  });

  it('is not made to look well by a pass that did not come to all', () => {
    health.found(passOf(DUE), true);
    health.found(passOf(NOW), false);
    expect(health.dueSeconds(NOW)).toBe(300);
  });

  it('tells that limits are not told, and what is held back, while looks get through', () => {
    health.found(passOf(DUE), true);
    health.waits('limits');
    health.held(2);
    health.lookEnded();
    health.gotOn(NOW);
    const limits = 'entitlement does not say what passed limits; a period is due for 300 s';
    expect(health.answer(NOW)).toEqual({ ok: true, detail: `${limits}; 2 periods are held back` });
    health.held(0);
    health.lookEnded();
    expect(health.answer(NOW)).toEqual({ ok: true });
  });
});
