/** Keys of the snapshot topic. A project's id holds no colon. */
export function snapshotKey(project: string): string {
  return `p:${project}`;
}

export function tierKey(
  project: string,
  { name, version }: { readonly name: string; readonly version: number },
): string {
  return `t:${project}:${name}:${version}`;
}

export function customerKey(project: string, customer: string): string {
  return `c:${project}:${customer}`;
}
