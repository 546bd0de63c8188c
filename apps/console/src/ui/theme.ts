import { Anchor, createTheme, Modal, Notification, type MantineColorsTuple } from '@mantine/core';

/** Mantine's own, with a seventh shade that white words can be read on, and on light red. */
const RED = [
  ...['#fff5f5', '#ffe3e3', '#ffc9c9', '#ffa8a8', '#ff8787', '#ff6b6b', '#fa5252'],
  ...['#c02020', '#ab1c1c', '#951818'],
] as unknown as MantineColorsTuple;

export const theme = createTheme({
  colors: { red: RED },
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: 'md',
  fontFamily:
    'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  components: {
    Anchor: Anchor.extend({ defaultProps: { c: 'var(--tw-link)' } }),
    Notification: Notification.extend({
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' } },
    }),
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }),
  },
});
