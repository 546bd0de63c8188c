import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { SetMetadata } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { platformProblem } from './problem';

/** Carries who calls from the gateway to the services, signed. */
export const CALLER_HEADER = 'x-tallyward-caller';
export const CALLER_AUDIENCE = 'tallyward-services';
export const CALLER_ISSUER = 'tallyward-gateway';
/**
 * How long a signed caller is good for; long enough for one hop, too short to be worth stealing.
 */
export const CALLER_TTL_SECONDS = 30;
/** How far the clocks of gateway and service may be apart. */
export const CALLER_CLOCK_TOLERANCE_SECONDS = 5;
/** Longest header looked at. */
export const LONGEST_CALLER_TOKEN = 4_096;

const callerShape = z.object({
  project: z.string().min(1).max(128),
  scopes: z.array(z.string().min(1).max(32)).max(16),
  keyId: z.string().min(1).max(64),
  /** Who did it, in words for the audit trail. */
  actor: z.string().min(1).max(256),
  operator: z.boolean(),
  /** Of a customer's token: it reads what is this customer's, and nothing else. */
  customer: z.string().min(1).max(128).optional(),
});
/** Who calls: the project comes from the credential alone. */
export type Caller = z.output<typeof callerShape>;

export function signCaller(caller: Caller, secret: string): string {
  return jwt.sign({ ...callerShape.parse(caller) }, secret, {
    algorithm: 'HS256',
    expiresIn: CALLER_TTL_SECONDS,
    audience: CALLER_AUDIENCE,
    issuer: CALLER_ISSUER,
  });
}

/**
 * Who the token speaks for, or undefined when it isn't ours, is too old, or was made to live too
 * long.
 */
export function verifyCaller(token: string, secret: string): Caller | undefined {
  if (token.length > LONGEST_CALLER_TOKEN) return undefined;
  try {
    const claims = jwt.verify(token, secret, {
      algorithms: ['HS256'],
      audience: CALLER_AUDIENCE,
      issuer: CALLER_ISSUER,
      clockTolerance: CALLER_CLOCK_TOLERANCE_SECONDS,
      maxAge: CALLER_TTL_SECONDS,
    });
    // `verify` looks at `exp` only where there is one.
    if (typeof claims === 'string' || claims.exp === undefined) return undefined;
    const read = callerShape.safeParse(claims);
    return read.success ? read.data : undefined;
  } catch {
    // Whatever is wrong with it, the answer is the same: this is nobody.
    return undefined;
  }
}

const OPEN_ROUTE = 'tallyward:open-route';
/** A route that answers without a caller: health and metrics. */
export const OpenRoute = () => SetMetadata(OPEN_ROUTE, true);

type CallerRequest = {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly params?: unknown;
  caller?: Caller;
};

/** The caller that `callerGuard` put on the request. */
export function callerOf(request: { caller?: Caller }): Caller {
  if (request.caller === undefined) throw new Error('This route is not behind callerGuard');
  return request.caller;
}

/** The gateway has seen to it, and so does the service. */
function isOwn({ method, params }: CallerRequest, customer: string): boolean {
  const named = (params as { customer?: unknown } | undefined)?.customer;
  return (method === 'GET' || method === 'HEAD') && named === customer;
}

/** A global guard: 401 without a good caller header, else `request.caller`. */
export function callerGuard(secret: string): CanActivate {
  return {
    canActivate(context: ExecutionContext): boolean {
      const targets = [context.getHandler(), context.getClass()];
      if (targets.some((target) => Reflect.getMetadata(OPEN_ROUTE, target) === true)) return true;
      const request = context.switchToHttp().getRequest<CallerRequest>();
      const token = request.headers[CALLER_HEADER];
      const caller = typeof token === 'string' ? verifyCaller(token, secret) : undefined;
      if (caller === undefined)
        throw platformProblem('unauthenticated', {
          detail: 'This address answers the gateway alone; call the gateway with an API key.',
        });
      if (caller.customer !== undefined && !isOwn(request, caller.customer)) {
        throw platformProblem('forbidden', { detail: "A customer's token reads its own alone." });
      }
      request.caller = caller;
      return true;
    },
  };
}
