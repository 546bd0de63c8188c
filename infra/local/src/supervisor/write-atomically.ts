import { renameSync, writeFileSync } from 'node:fs';

/** Readers see the old text or the new one, never half of either. */
export function writeAtomically(path: string, text: string, mode = 0o644): void {
  const fresh = `${path}.${process.pid}.new`;
  writeFileSync(fresh, text, { mode });
  renameSync(fresh, path);
}
