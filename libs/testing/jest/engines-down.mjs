const built = new URL('../dist/testbed/shared-engines.js', import.meta.url);

export default async function enginesDown() {
  const { default: shared } = await import(built.href);
  await shared.enginesDown();
}
