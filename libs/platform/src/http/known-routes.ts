/** Which methods each address takes: tells "no such address" from "not with this method". */
export class KnownRoutes {
  private readonly methods = new Map<string, Set<string>>();

  add(pattern: string, methods: string | readonly string[]): void {
    const known = this.methods.get(pattern) ?? new Set<string>();
    for (const method of [methods].flat()) known.add(method.toUpperCase());
    this.methods.set(pattern, known);
  }

  /** The methods that the path takes; empty when there is no such address. */
  methodsOf(path: string): string[] {
    const found = new Set<string>();
    for (const [pattern, methods] of this.methods)
      if (matches(pattern.split('/'), path.split('/'))) for (const m of methods) found.add(m);
    return [...found].sort();
  }
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  for (const [at, part] of pattern.entries()) {
    if (part === '*') return path.length > at;
    const given = path[at];
    if (given === undefined) return false;
    if (part.startsWith(':') ? given === '' : part !== given) return false;
  }
  return path.length === pattern.length;
}
