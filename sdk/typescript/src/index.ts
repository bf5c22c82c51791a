// What the package offers.

export { Purser } from "./client.js";
export {
  ConnectionError,
  InputError,
  ProblemError,
  PurserError,
  ReplyError,
  TimeoutError,
  WebhookError,
} from "./errors.js";
export type { CallContext, Fault, Problem } from "./errors.js";
export { List } from "./pages.js";
export type { Page } from "./pages.js";
export type { CallOptions, ClientOptions, Items, KeyedCallOptions, RawBody } from "./transport.js";
export { isEvent, verifyWebhook } from "./webhooks.js";
export type { EventType, WebhookEvent, WebhookHeaders, WebhookOptions } from "./webhooks.js";
export type * from "./types.js";
export type * from "./values.js";
