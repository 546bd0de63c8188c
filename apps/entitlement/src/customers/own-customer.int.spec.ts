import { testbed, type Testbed } from '@tallyward/testing';
import { adminOf, entitlementOn, type EntitlementUnderTest } from '../entitlement.builder';

let bed: Testbed;
let service: EntitlementUnderTest;
beforeAll(async () => {
  bed = await testbed();
  service = await entitlementOn(bed);
});
afterAll(async () => {
  await service?.close();
  await bed?.close();
});

it("a customer's token reads its own customer and limits, and nothing else of the service", async () => {
  const { project } = await service.newProject();
  const admin = adminOf(project);
  for (const id of ['acme', 'rival']) {
    await service.ask(`PUT /v1/customers/${id}`, { as: admin, body: {} });
  }
  const as = { ...admin, scopes: ['read'], customer: 'acme' };
  const status = async (line: string, body?: unknown) =>
    (await service.ask(line, { as, body })).status;
  expect((await service.ask('GET /v1/customers/acme', { as })).body['customer']).toBe('acme');
  expect(await status('GET /v1/customers/acme/entitlements')).toBe(200);
  expect(await status('GET /v1/customers/rival')).toBe(403);
  expect(await status('GET /v1/customers/rival/entitlements')).toBe(403);
  expect(await status('GET /v1/customers')).toBe(403);
  expect(await status('GET /v1/audit')).toBe(403);
  expect(await status('PUT /v1/customers/acme', {})).toBe(403);
  const reader = { ...admin, scopes: ['read'] };
  expect((await service.ask('GET /v1/customers/acme', { as: reader })).status).toBe(403);
});
