import { answerOf, type Limit } from './ask';
import { STYLE } from './style';
import { limitCard, note } from './view';

const ASK_EVERY_MS = 10_000;
const TAG = 'tallyward-usage';

/**
 * `<tallyward-usage token="twc_…" host="https://…">`: a customer's limits inside another product's
 * page. Its looks are its own (shadow DOM), the token its only access; without `host` it asks where
 * its script came from. `groups="premium,standard"` shows those alone.
 */
const scriptHost = hostOfScript();

class TallywardUsage extends HTMLElement {
  static readonly observedAttributes = ['token', 'host', 'groups'];

  readonly #root = this.attachShadow({ mode: 'open' });
  readonly #body = document.createElement('section');
  #timer: ReturnType<typeof setInterval> | undefined;
  #asked = 0;
  /** The token that is not taken any more. */
  #ended: string | null = null;
  /** When what is shown was answered. */
  #since = '';

  connectedCallback(): void {
    const looks = new CSSStyleSheet();
    looks.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [looks];
    this.#body.setAttribute('aria-label', 'Usage and limits');
    this.#body.setAttribute('aria-live', 'polite');
    this.#root.replaceChildren(this.#body);
    this.#timer = setInterval(() => {
      if (document.visibilityState === 'visible') void this.#ask();
    }, ASK_EVERY_MS);
    void this.#ask();
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
  }

  attributeChangedCallback(): void {
    if (this.isConnected) void this.#ask();
  }

  /** Only the last question's answer is shown: a new token's never gives way to an old one's. */
  async #ask(): Promise<void> {
    const token = this.getAttribute('token');
    if (token && token === this.#ended) return;
    this.#asked += 1;
    const question = this.#asked;
    if (!token) return this.#show([note('No token was given to show usage with.', 'quiet')]);
    const answer = await answerOf(this.getAttribute('host') ?? scriptHost, token);
    if (question !== this.#asked || !this.isConnected) return;
    if (answer.kind === 'limits') {
      this.#since = new Date().toLocaleTimeString();
      return this.#show(this.#cards(answer.limits));
    }
    if (answer.kind === 'ended') {
      this.#ended = token;
      return this.#show([note('Usage can not be shown any more: reload the page.', 'quiet')]);
    }
    // What was shown stays, as what it was; only a first answer that fails has nothing to keep.
    if (this.#body.querySelector('article') === null) {
      this.#show([note('Usage can not be shown at the moment.', 'quiet')]);
    } else if (this.#body.querySelector('.stale') === null) {
      this.#body.append(note(`As of ${this.#since}: not renewed at the moment.`, 'quiet stale'));
    }
  }

  #cards(limits: readonly Limit[]): Node[] {
    const groups = this.getAttribute('groups')
      ?.split(',')
      .map((group) => group.trim());
    const shown = limits.filter(({ modelGroup }) => groups?.includes(modelGroup) ?? true);
    if (shown.length === 0) return [note('Nothing is limited.', 'quiet')];
    return shown.map(limitCard);
  }

  #show(nodes: readonly Node[]): void {
    this.#body.replaceChildren(...nodes);
  }
}

function hostOfScript(): string {
  const script = document.currentScript;
  return script instanceof HTMLScriptElement && script.src
    ? new URL(script.src).origin
    : location.origin;
}

if (!customElements.get(TAG)) customElements.define(TAG, TallywardUsage);
