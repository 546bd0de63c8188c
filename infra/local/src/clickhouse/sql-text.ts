/** A string literal of ClickHouse's SQL; safe for any content. */
export const literal = (value: string): string =>
  `'${value.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;

/** A quoted identifier; safe for any content. */
export const identifier = (name: string): string =>
  `\`${name.replace(/\\/g, '\\\\').replace(/`/g, '\\`')}\``;
