// What a front end does first, with a client that the compiler checks against the OpenAPI document:
// browse a pole's catalogue, sign in, ask what a service would cost, subscribe.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Schemas = components["schemas"];

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};

/** The body of a good answer; of any other, the problem, thrown. */
function body<T>(answer: { data?: T; error?: Schemas["Problem"]; response: Response }): T {
  if (answer.data !== undefined) return answer.data;
  throw new Error(`${answer.response.url}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
}

const pole = setting("PALIER_POLE");
const client = createClient<paths>({ baseUrl: setting("PALIER_URL") });

// Anybody may browse.
const catalogue = body(
  await client.GET("/v1/poles/{pole}/catalogue", {
    params: { path: { pole }, query: { q: setting("PALIER_SEARCH") } },
  }),
);
const [found] = catalogue.data;
if (found === undefined) throw new Error("nothing found");
const service = found.code;
const one = body(
  await client.GET("/v1/poles/{pole}/catalogue/{service}", { params: { path: { pole, service } } }),
);

// Somebody signs in.
const credentials: Schemas["PasswordSignInInput"] = {
  email: setting("PALIER_EMAIL"),
  password: setting("PALIER_PASSWORD"),
};
const session = body(
  await client.POST("/v1/poles/{pole}/sessions", { params: { path: { pole } }, body: credentials }),
);
client.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${session.access_token}`);
  },
});
const me = body(await client.GET("/v1/poles/{pole}/me", { params: { path: { pole } } }));
const member = me.grants.find((grant) => grant.member !== undefined)?.member;
if (member === undefined) throw new Error("not a member's user");

// What would it cost?
const quote = body(
  await client.POST("/v1/poles/{pole}/services/{service}/quotes", {
    params: { path: { pole, service: one.id } },
    body: { pool: { members: [{ member, quantity: "1200" }] } },
  }),
);

// Agreed.
const subscription = body(
  await client.POST("/v1/poles/{pole}/members/{member}/subscriptions", {
    params: { path: { pole, member }, header: { "Idempotency-Key": "tour" } },
    body: { service: one.id },
  }),
);

// The compiler knows every field: these mistakes would not go unseen.
// @ts-expect-error
export const misspelt: Schemas["PasswordSignInInput"] = { email: "a@b.example", pasword: "x" };
// @ts-expect-error
export const inexact: Schemas["SubscriptionInput"] = { service: one.id, weight: 0.1 };

console.log(
  JSON.stringify({
    name: one.name,
    user: me.email,
    member,
    total: quote.total,
    currency: quote.currency,
    subscription: subscription.id,
    status: subscription.status,
  }),
);
