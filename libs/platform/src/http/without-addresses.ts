const ADDRESS =
  /(?:\b(?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-f:]+\]|\b[\w-]+(?:\.[\w-]+)*)(?::\d{2,5})\b/gi;
const NAME_NOT_FOUND = /\b(ENOTFOUND|EAI_AGAIN) \S+/g;

/** A reason as whoever asks may read it: what is at fault, not where it stands. */
export function withoutAddresses(reason: string): string {
  return reason.replace(ADDRESS, '(address)').replace(NAME_NOT_FOUND, '$1 (address)');
}
