/** The namespace on the wire: tests and several installations share one cluster without meeting. */
export class TopicNames {
  constructor(private readonly namespace = '') {}

  onWire(name: string): string {
    return this.namespace + name;
  }

  plain(wireName: string): string {
    return wireName.slice(this.namespace.length);
  }
}
