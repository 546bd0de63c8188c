import fastify from 'fastify';

/** A process of its own: the route of decisions, which reads its body and answers a constant. */
const ANSWER = {
  decisionId: 'gateway-1.x7k2m9aaaaaa.1',
  outcome: 'allow',
  reason: null,
  holdId: 'A'.repeat(160),
  expiresAt: '2026-11-22T10:05:00.000Z',
  model: 'bench-wide',
  modelGroup: 'standard',
  limits: [{}, {}].map(() => ({ scope: 'customer', unit: 'calls', window: 'month', used: 0 })),
};

const app = fastify();
app.post('/v1/decisions', () => ANSWER);
app.listen({ port: 0, host: '127.0.0.1' }).then(
  (url) => process.send?.(url),
  (error: unknown) => {
    throw error;
  },
);
process.on('disconnect', () => process.exit(0));
