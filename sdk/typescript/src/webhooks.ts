// Webhooks: proving that one comes from the API (Standard Webhooks), by WebCrypto, and knowing its type.

import { webCrypto } from "./crypto.js";
import { InputError, WebhookError } from "./errors.js";
import { readJson } from "./json.js";
import type { EventData } from "./types.js";
import type { Id, Instant, JsonObject, Open } from "./values.js";

export type EventType = keyof EventData;

/** An event as it is delivered. Its type may be one that a newer server tells of: `isEvent` narrows it. */
export interface WebhookEvent {
  /** The same at each delivery: whoever gets it twice knows it by this. */
  readonly event_id: Id;
  readonly event_type: Open<EventType>;
  readonly timestamp: Instant;
  readonly organization_id: Id;
  readonly entity_type: string;
  readonly entity_id: Id;
  readonly data: JsonObject;
}

/** Whether the event, delivered or of `events.list`, is of that type; then its data is, too. */
export function isEvent<Given extends { readonly event_type: string; readonly data: unknown }, Type extends EventType>(
  event: Given,
  type: Type,
): event is Given & { readonly event_type: Type; readonly data: EventData[Type] } {
  return event.event_type === type;
}

/** Headers as fetch has them, or as Node has them. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface WebhookOptions {
  /** How old, or how far ahead, a delivery may be. Standard: 300. */
  readonly toleranceSeconds?: number;
  /** The time to compare with. Standard: now. */
  readonly now?: Date;
}

function headerOf(headers: WebhookHeaders, name: string): string {
  const value =
    typeof headers.get === "function"
      ? (headers as { get(name: string): string | null }).get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  const text = Array.isArray(value) ? (value as readonly string[])[0] : (value as string | null | undefined);

  if (text === undefined || text === null || text === "") throw new WebhookError(`The header ${name} is missing.`);
  return text;
}

function checkTime(timestamp: string, options: WebhookOptions): void {
  const now = (options.now ?? new Date()).getTime() / 1000;
  const tolerance = options.toleranceSeconds ?? 300;

  if (!/^[0-9]{1,15}$/.test(timestamp)) throw new WebhookError("The header webhook-timestamp is no time.");
  if (!(Math.abs(now - Number(timestamp)) <= tolerance)) throw new WebhookError("The delivery is too old, or ahead of time.");
}

function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

async function keyOf(secret: string): Promise<CryptoKey> {
  const bytes = bytesOfBase64(secret.startsWith("whsec_") ? secret.slice(6) : secret);

  if (bytes === undefined || bytes.length === 0) throw new WebhookError("The secret is none of a webhook: whsec_… .");
  return (await webCrypto()).subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

function signed(id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const whole = new Uint8Array(head.length + body.length);

  whole.set(head);
  whole.set(body, head.length);
  return whole;
}

/** In the same time wherever they differ. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;

  for (const [at, byte] of other.entries()) difference |= byte ^ (one[at] ?? 0);
  return difference === 0;
}

/** What somebody read as JSON already is not what was signed. */
function bytesOf(body: unknown): Uint8Array {
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  throw new InputError("The body is needed as it came: as text or bytes.");
}

async function isSigned(secrets: readonly string[], signatures: string, content: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const { subtle } = await webCrypto();
  const given = signatures.split(" ").map((one) => (one.startsWith("v1,") ? bytesOfBase64(one.slice(3)) : undefined));
  let fits = false;

  for (const secret of secrets) {
    // Once a secret, however many signatures a stranger sends.
    const wanted = new Uint8Array(await subtle.sign("HMAC", await keyOf(secret), content));
    for (const one of given) fits = (one !== undefined && isSame(one, wanted)) || fits;
  }
  return fits;
}

/**
 * Proves that the API sent this, lately and unchanged, and gives the event. The body has to be as it came, byte for byte.
 * While a secret is rotated out, give the old one and the new one. WebhookError where it is not to be trusted.
 */
export async function verifyWebhook(
  body: string | Uint8Array | ArrayBuffer,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  options: WebhookOptions = {},
): Promise<WebhookEvent> {
  const bytes = bytesOf(body);
  const timestamp = headerOf(headers, "webhook-timestamp");
  const content = signed(headerOf(headers, "webhook-id"), timestamp, bytes);

  checkTime(timestamp, options);
  if (!(await isSigned(typeof secret === "string" ? [secret] : secret, headerOf(headers, "webhook-signature"), content))) {
    throw new WebhookError("No signature of the delivery is by this secret.");
  }
  return eventOf(bytes);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function eventOf(body: Uint8Array): WebhookEvent {
  let told: Partial<WebhookEvent> | null;

  try {
    told = readJson(new TextDecoder().decode(body)) as Partial<WebhookEvent> | null;
  } catch (cause) {
    throw new WebhookError("It is signed, but no event.", {}, cause);
  }
  if (typeof told?.event_id !== "string" || typeof told.event_type !== "string" || !isObject(told.data)) {
    throw new WebhookError("It is signed, but no event.");
  }
  return told as WebhookEvent;
}
