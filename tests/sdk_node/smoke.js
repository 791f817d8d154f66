// What a shop does with the official Node client, step by step; prints what came of each as JSON.
const Stripe = require("stripe");

const [key, host, port] = process.argv.slice(2);
const stripe = new Stripe(key, { host, port: Number(port), protocol: "http", maxNetworkRetries: 0, telemetry: false });

async function main() {
  const told = {};
  const token = await stripe.tokens.create({ card: { number: "4242424242424242", exp_month: 12, exp_year: 2034, cvc: "123" } });
  told.token = token.card.last4;

  const customer = await stripe.customers.create({ name: "Jenny Rosen", email: "jenny@example.com", metadata: { plan: "tea" } });
  told.customer = (await stripe.customers.retrieve(customer.id)).metadata.plan;
  told.customers = (await stripe.customers.list({ limit: 3 })).data.length;

  const charge = await stripe.charges.create({ amount: 1500, currency: "usd", source: token.id });
  told.charge = charge.status;
  told.refund = (await stripe.refunds.create({ charge: charge.id, amount: 500 })).status;
  try {
    await stripe.charges.create({ amount: 1500, currency: "usd", source: "tok_chargeDeclinedInsufficientFunds" });
  } catch (error) {
    told.declined = [error.type, error.code, error.decline_code];
  }

  const key = { idempotencyKey: "order-7" };
  const order = { amount: 900, currency: "usd", payment_method: "pm_card_visa", payment_method_types: ["card"], confirm: true };
  const intents = [await stripe.paymentIntents.create(order, key), await stripe.paymentIntents.create(order, key)];
  told.intent = intents[0].status;
  told.once = intents[0].id === intents[1].id;
  const held = await stripe.paymentIntents.create({ ...order, capture_method: "manual" });
  told.captured = (await stripe.paymentIntents.capture(held.id, { amount_to_capture: 400 })).amount_received;

  const session = await stripe.checkout.sessions.create({
    mode: "payment", success_url: "https://shop.example/thanks",
    line_items: [{ price_data: { currency: "usd", unit_amount: 700, product_data: { name: "Tea" } }, quantity: 2 }],
  });
  told.session = [session.status, session.amount_total, Boolean(session.url)];
  told.lines = (await stripe.checkout.sessions.listLineItems(session.id)).data.map((line) => line.description);
  const shown = await stripe.checkout.sessions.retrieve(session.id, { expand: ["line_items.data.price.product"] });
  told.product = shown.line_items.data[0].price.product.name;
  told.expired = (await stripe.checkout.sessions.expire(session.id)).status;
  let pages = 0;
  for await (const one of stripe.charges.list({ limit: 1 })) pages += one.object === "charge";
  told.charges = pages;
  console.log(JSON.stringify(told));
}

main().catch((error) => { console.error(error); process.exit(1); });
