const DEADLINE_MS = 20_000;
const DETAIL_CHARS = 600;

/** The gateway's HTTP as its clients use it. Anything but 2xx is an error with its text. */
export class GatewayApi {
  constructor(
    readonly url: string,
    readonly key: string,
  ) {}

  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      body: body ? JSON.stringify(body) : undefined,
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const text = await response.text();
    if (!response.ok) {
      const detail = text.slice(0, DETAIL_CHARS);
      throw new Error(`${method} ${path} answered ${response.status}: ${detail}`);
    }
    return JSON.parse(text) as T;
  }
}
