import { routerPath, ROUTES, type RouteDeclaration } from '@tallyward/contracts';

const BY_ADDRESS = new Map<string, RouteDeclaration>(
  ROUTES.map((route) => [`${route.method} ${routerPath(route.path)}`, route]),
);

/** The route of the table that a router's pattern belongs to; HEAD asks for what GET gives. */
export function routeOf(method: string, pattern: string): RouteDeclaration | undefined {
  return BY_ADDRESS.get(`${method === 'HEAD' ? 'GET' : method} ${pattern}`);
}
