import { NARROW, WIDE, type Scheme, type Visitor } from './browser.builder';
import { busyProject } from './busy-project.builder';
import { Sight } from './sight.builder';

const WITHIN_MS = 240_000;
const SIZES = { wide: WIDE, narrow: NARROW };

/** Every page that the navigation leads to, and one customer's own. */
async function pathsOf({ page }: Visitor): Promise<string[]> {
  const links = page.getByRole('navigation', { name: 'Pages' }).locator('a');
  const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  const named = paths.flatMap((path) => (path === null ? [] : [path.split('?')[0] ?? path]));
  const own = ['', '/history', '/decisions', '/events', '/audit'].map(
    (tab) => `/customers/globex${tab}`,
  );
  return [...new Set([...named, ...own])];
}

const nameOf = (path: string): string =>
  path.replaceAll(/[^a-z0-9]+/gi, '-').replace(/^-/, '') || 'start';

describe('every page', () => {
  const sight = new Sight(busyProject);
  const looks: readonly [Scheme, keyof typeof SIZES][] = [
    ['light', 'wide'],
    ['dark', 'wide'],
    ['light', 'narrow'],
    ['dark', 'narrow'],
  ];

  it.each(looks)(
    'can be used by everyone, fits its window and says nothing wrong: %s, %s',
    (scheme, size) =>
      sight.visit(
        async (visitor) => {
          const paths = await pathsOf(visitor);
          expect(paths.length).toBeGreaterThan(2);
          const found: Record<string, unknown> = {};
          for (const path of paths) {
            await visitor.go(path);
            await visitor.picture(`${nameOf(path)}-${scheme}-${size}`);
            const [unfit, overflow] = [await visitor.unfit(), await visitor.overflow()];
            const faults = visitor.faults.splice(0);
            if (unfit.length + faults.length > 0 || overflow > 0) {
              found[path] = { unfit, overflow, faults };
            }
          }
          expect(found).toEqual({});
        },
        { scheme, size: SIZES[size] },
      ),
    WITHIN_MS,
  );
});
