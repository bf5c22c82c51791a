// What the types promise to a program that is compiled strictly, and what they refuse. Never run.

import { ConnectionError, ProblemError, Purser, isEvent, verifyWebhook } from "purser";
import type { Approval, Credits, Decimal, EventType, Instant, Order, Page, Topup } from "purser";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Equal<A, B>): void {}

const client = new Purser({ url: "https://api.example.com", token: async () => "gpra_x", timeoutSeconds: undefined });

export async function promises(signal: AbortSignal): Promise<void> {
  const approval = await client.billing.approvals.approve({ approval_id: "x" }, { signal, idempotencyKey: "k" });
  same<typeof approval, Approval>(true);
  const balance = await client.billing.credits.balance();
  same<typeof balance.available, Credits>(true);

  const page = await client.orders.list({ limit: 2, status: "settled", from: null, to: undefined });
  same<typeof page, Page<Order>>(true);
  for await (const order of client.orders.list()) same<typeof order, Order>(true);
  for await (const order of client.orders.list().stream()) same<typeof order.created_at, Instant>(true);
  const first = page.data[0];
  // @ts-expect-error There may be no first row.
  first.id;

  const bytes: Uint8Array = await client.billing.invoices.getAs("application/pdf", { invoice_id: "x" });
  bytes.length;
  await client.usage.record((async function* () { yield { id: "1", metric: "requests", quantity: "1.5" }; })());
  await client.usage.record([{ id: "1", metric: "requests", quantity: 1 }]);
  await client.usage.record({ events: [] });
  await client.webhooks.stripe("{}", { headers: { "Stripe-Signature": "t=1" } });
  await client.admin.organizations.create({ name: "N" });
}

export async function refusals(): Promise<void> {
  // @ts-expect-error A field that is required.
  await client.billing.approvals.approve({});
  // @ts-expect-error Or the whole input.
  await client.billing.approvals.approve();
  // @ts-expect-error A field that there is not.
  await client.billing.approvals.approve({ approval_id: "x", approval: "x" });
  // @ts-expect-error A word that there is not.
  await client.orders.list({ status: "teleported" });
  // @ts-expect-error A number for a text.
  await client.orders.get({ order_id: 1 });
  // @ts-expect-error A media type that it is not drawn in.
  await client.billing.invoices.getAs("image/png", { invoice_id: "x" });
  // @ts-expect-error Only lists are looped over.
  for await (const order of client.orders.get({ order_id: "x" })) void order;
  // @ts-expect-error Items of another shape.
  await client.usage.record([{ id: "1", quantity: 1 }]);
  // @ts-expect-error An operation that there is not.
  await client.billing.approvals.aprove({ approval_id: "x" });
  // @ts-expect-error A key that nobody heeds.
  await client.orders.list({}, { idempotencyKey: "k" });
  // @ts-expect-error Nor here.
  await client.auth.sessions.create({ email: "a@example.com", password: "p" }, { idempotencyKey: "k" });
  // @ts-expect-error What came is not to be changed.
  (await client.billing.credits.balance()).available = 1;
}

export function newerServers(order: Order): string {
  const status: string = order.status;
  switch (order.status) {
    case "settled":
      return "done";
    case "teleported":
      return "a word that is not declared can be asked for";
    default:
      return status;
  }
}

export function money(topup: Topup): Decimal {
  // @ts-expect-error Money is text: no sum of floating point numbers comes of it by mistake.
  const twice: number = topup.amount;
  return String(twice);
}

export function errors(error: unknown): string | undefined {
  if (error instanceof ConnectionError) return undefined;
  if (error instanceof ProblemError && error.code === "invalid") {
    same<(typeof error.errors)[number]["pointer"], string>(true);
    return error.code;
  }
  return undefined;
}

export async function events(body: Uint8Array, headers: Headers, node: Record<string, string | string[] | undefined>): Promise<void> {
  const event = await verifyWebhook(body, headers, ["whsec_b2xk", "whsec_bmV3"], { toleranceSeconds: 60 });
  const type: string | EventType = event.event_type;
  if (isEvent(event, "order.settled")) event.data.credits satisfies Credits;
  // @ts-expect-error A type that there is not.
  isEvent(event, "order.setled");
  await verifyWebhook(await new Response(body as BodyInit).arrayBuffer(), headers, "whsec_b2xk");
  await verifyWebhook("", node, "whsec_b2xk");
  const feed = await client.events.list({ limit: 1 });
  for (const each of feed.data) if (isEvent(each, "limit.soft")) same<typeof each.event_type, "limit.soft">(true);
  void type;
}
