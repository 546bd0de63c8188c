import { inRequests } from './usage-of';

const LONGEST = 'ü'.repeat(64);

describe('usage of many customers', () => {
  it('is asked for at once where the names fit', () => {
    const page = Array.from({ length: 100 }, (_, n) => `customer-${n}`);
    expect(inRequests(page)).toEqual([page]);
    expect(inRequests([])).toEqual([]);
  });

  it('is asked for in parts that servers take, each customer once', () => {
    const page = Array.from({ length: 100 }, (_, n) => `${LONGEST}${n}`);
    const requests = inRequests(page);
    expect(requests.flat()).toEqual(page);
    const lengths = requests.map((part) => encodeURIComponent(part.join('')).length);
    expect(Math.max(...lengths)).toBeLessThan(8_000);
    expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThan(7_000);
  });
});
