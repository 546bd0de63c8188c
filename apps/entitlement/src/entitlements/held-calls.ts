/** Where reads ask what calls in flight hold: `@Inject(HELD_CALLS) held: HeldCalls`. */
export const HELD_CALLS = Symbol('what calls in flight hold');

/** What gateways tell of their calls in flight, as far as this process heard of it. */
export interface HeldCalls {
  /** Of a counter without its window, in its unit: what all gateways but this one hold. */
  elsewhere(
    counter: { readonly project: string; readonly customer: string; readonly name: string },
    gateway: string,
  ): number;
}

/** No gateway: all of them are meant. */
export const EVERY_GATEWAY = '';
