import type { SaleTerms } from './sale';

const SWING_MS = 1_500;

/** How the load lies on two gateways. */
export const LOADS = {
  even: (draw) => draw(2),
  tilted: (draw) => (draw(10) === 0 ? 1 : 0),
  swinging: (draw, elapsedMs) => {
    const side = Math.floor(elapsedMs / SWING_MS) % 2;
    return draw(10) === 0 ? 1 - side : side;
  },
} as const satisfies Record<string, SaleTerms['pick']>;
