const told = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;

/** What the page's policy asks of each style element that a script writes. */
export const styleNonce = (): string => told ?? '';

// Where the part of Mantine that stops a page from scrolling behind a dialog looks for it.
Object.assign(globalThis, { __webpack_nonce__: told });
