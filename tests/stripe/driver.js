// Does with Stripe's own package what it is told, one line of JSON at a time, and says what came of it.
import { createInterface } from "node:readline";
import Stripe from "stripe";

const { hostname, port } = new URL(process.env.STRIPE_URL);
const stripe = new Stripe(process.env.STRIPE_KEY, {
  protocol: "http",
  host: hostname,
  port,
  maxNetworkRetries: 0,
  telemetry: false,
});

/** `checkout.sessions.create`, with what stands before its last dot as its `this`. */
function call(path, args) {
  const steps = path.split(".");
  const name = steps.pop();
  const owner = steps.reduce((it, step) => it[step], stripe);
  return owner[name](...args);
}

/** Every object of every page, as the package goes through them by itself. */
async function all(path, args) {
  const found = [];
  for await (const object of call(path, args)) found.push(object);
  return found;
}

const shown = (error) => ({
  name: error.constructor.name,
  type: error.rawType,
  code: error.code,
  decline_code: error.decline_code,
  param: error.param,
  status: error.statusCode,
  message: error.message,
  payment_intent: error.payment_intent,
  request: error.requestId,
});

for await (const line of createInterface({ input: process.stdin })) {
  const { path, args, pages } = JSON.parse(line);
  let said;
  try {
    const object = await (pages ? all(path, args) : call(path, args));
    said = { object, headers: object.lastResponse?.headers };
  } catch (error) {
    said = { error: shown(error) };
  }
  console.log(JSON.stringify(said));
}
