// Uses the operations through the types that openapi-typescript makes: absent, null and values, and
// every error.
//
//	node client.js <service> <a server that answers with the status that the id says> <id> <token>
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const [service, refuser, id, token] = process.argv.slice(2);
const route = "/v2/partner/contacts/{id}";
const headers = { Authorization: `Bearer ${token}` };
const client = createClient<paths>({ baseUrl: service, headers });

const before = await client.GET(route, { params: { path: { id } } });
assert.ok(before.data);
const after = await client.PATCH(route, {
  params: { path: { id }, header: { "If-Match": before.response.headers.get("etag")! } },
  body: { city: "Oak Park", phone_home: null },
});
assert.equal(after.data?.city, "Oak Park");
assert.ok(before.data.phone_home);
assert.equal(after.data.phone_home, undefined);
assert.equal(after.data.name_first, before.data.name_first);

const wrong = await client.PATCH(route, { params: { path: { id } }, body: { birthdate: "1990-02-30" } });
assert.ok(typeof wrong.error == "object");
assert.equal(wrong.error.errors[0].source?.pointer, "/birthdate");

const refused = createClient<paths>({ baseUrl: refuser, headers });
for (const status of [400, 401, 404, 405, 408, 409, 412, 413, 415, 422, 429, 500, 503]) {
  const { error, response } = await refused.PATCH(route, {
    params: { path: { id: `00000000-0000-4000-8000-${String(status).padStart(12, "0")}` } },
    body: {},
  });
  assert.equal(response.status, status);
  assert.ok(typeof error == "object");
  assert.equal(error.errors.length, 2);
  assert.equal(error.errors[1].meta.request_id, "R");
}
