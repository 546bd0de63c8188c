import { useBlocker } from '@tanstack/react-router';

const QUESTION = 'What you changed on this page is not saved. Leave it?';

/** Asks before another page takes the place of one with changes that nobody has saved. */
export function useUnsaved(isUnsaved: boolean): void {
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      current.pathname !== next.pathname && !window.confirm(QUESTION),
    enableBeforeUnload: isUnsaved,
    disabled: !isUnsaved,
  });
}
