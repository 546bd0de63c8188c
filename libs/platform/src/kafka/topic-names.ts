/** The namespace on the wire: tests and several installations share one cluster without meeting. */
export class TopicNames {
  constructor(private readonly namespace: string | undefined) {}

  onWire(name: string): string {
    return this.namespace ? `${this.namespace}.${name}` : name;
  }

  plain(wireName: string): string {
    return this.namespace ? wireName.slice(this.namespace.length + 1) : wireName;
  }
}
