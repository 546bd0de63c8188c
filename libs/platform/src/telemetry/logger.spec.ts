import { Logger } from '@nestjs/common';
import { createLogger, nestLogger } from './logger';

function logged(level: string) {
  const lines: string[] = [];
  const log = createLogger({
    service: 'gateway',
    instance: 'gateway-1',
    level,
    to: { write: (line) => void lines.push(line) },
  });
  return { log, lines, read: () => lines.map((line) => JSON.parse(line)) };
}

test('a line says when, how grave, which service and which instance', () => {
  const { log, lines, read } = logged('info');
  log.info({ partition: 3 }, 'caught up');
  log.debug('not asked for');
  expect(lines).toHaveLength(1);
  expect(lines[0]?.endsWith('}\n')).toBe(true);
  expect(read()[0]).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    service: 'gateway',
    instance: 'gateway-1',
    partition: 3,
    msg: 'caught up',
  });
});

test('what classes log through Nest arrives in the same lines, errors with their stack', () => {
  const { log, read } = logged('info');
  Logger.overrideLogger(nestLogger(log));
  new Logger('TotalsFold').log('batch folded');
  new Logger('TotalsFold').error(new Error('boom'));
  new Logger('InstanceLoader').log('a line per module that nobody reads');
  Logger.overrideLogger(false);
  expect(read()).toMatchObject([
    { level: 'info', context: 'TotalsFold', msg: 'batch folded', service: 'gateway' },
    { level: 'error', context: 'TotalsFold', err: { stack: expect.stringContaining('boom') } },
  ]);
});

test('an error shows its kind, message, code and stack with causes, never the rows it carries', () => {
  const { log, lines, read } = logged('info');
  const cause = Object.assign(new Error('deadlock detected'), { code: '40P01', detail: 'a row' });
  const parameters = ['acme', 'a whole row'];
  const error = Object.assign(new Error('query failed', { cause }), { code: '40P01', parameters });
  log.error({ err: error }, 'fold');
  expect(read()[0].err).toEqual({
    type: 'Error',
    message: expect.stringContaining('query failed'),
    stack: expect.stringContaining('deadlock detected'),
    code: '40P01',
  });
  expect(lines.join('')).not.toContain('a whole row');
});
