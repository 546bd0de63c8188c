// Plain JavaScript: jest runs it outside the transform, and it must load before anything is built.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/testbed/shared-engines.js', import.meta.url);

export default async function enginesUp() {
  if (!existsSync(fileURLToPath(built))) {
    throw new Error('Specs on real engines run the built services: run "npx tsc -b" first.');
  }
  const { default: shared } = await import(built.href);
  await shared.enginesUp();
}
