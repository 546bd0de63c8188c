import { UNIT_WORDS, WINDOW_WORDS } from '../ui/unit-words';
import type { Limit } from './ask';
import { limitMessage } from './messages';

const NEAR_SHARE = 0.8;

/** One limit: its name, a bar, and what a person needs to know of it. */
export function limitCard(limit: Limit): HTMLElement {
  const { used, held, amount } = limit;
  const card = element('article', fullnessOf(limit));
  const name = element('h3');
  name.textContent = nameOf(limit);
  const meter = element('div', 'bar');
  const whole = Math.max(amount, used + held, 1);
  meter.append(part('used', used / whole), part('held', held / whole));
  meter.setAttribute('role', 'meter');
  meter.setAttribute('aria-valuemin', '0');
  meter.setAttribute('aria-valuemax', String(amount));
  meter.setAttribute('aria-valuenow', String(Math.min(used, amount)));
  meter.setAttribute('aria-label', name.textContent);
  card.append(name, meter, note(limitMessage(limit)));
  return card;
}

export function note(text: string, className = ''): HTMLElement {
  const line = element('p', className);
  line.textContent = text;
  return line;
}

/** `premium · tokens a month per user`: two limits never have one name. */
function nameOf({ modelGroup, unit, window, scope, scopeValue }: Limit): string {
  const group = modelGroup === '*' ? 'All models' : modelGroup;
  const each = typeof window === 'string' ? WINDOW_WORDS[window] : 'from first use';
  const whose = scope === 'customer' ? '' : ` · ${scope} ${scopeValue}`;
  return `${group} · ${UNIT_WORDS[unit]} ${each}${whose}`;
}

function fullnessOf({ used, amount }: Limit): string {
  if (amount === 0) return 'off';
  if (used >= amount) return 'over';
  return used >= amount * NEAR_SHARE ? 'near' : 'fine';
}

function part(className: string, share: number): HTMLElement {
  const bar = element('span', className);
  bar.style.width = `${(Math.min(1, share) * 100).toFixed(2)}%`;
  return bar;
}

function element(name: string, className = ''): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  return made;
}
