// How an operation is called: one POST to its path, tried again where that is safe, its reply read as JSON, as rows or as
// bytes.

import { Attempt, reasonOf } from "./attempt.js";
import { randomKey } from "./crypto.js";
import { InputError, ProblemError, PurserError, ReplyError } from "./errors.js";
import type { CallContext } from "./errors.js";
import { readJson, writeJson } from "./json.js";
import { isItems, readRows, writeLines } from "./ndjson.js";
import { problemOf } from "./problem.js";
import { retryAfterOf, sleep, waitBeforeRetry } from "./retry.js";

export type { Items } from "./ndjson.js";

/** What the declarations say of an operation, for its call. */
export interface Operation {
  readonly id: string;
  readonly path: string;
  /** It may be sent again after any failure: nothing happens twice. */
  readonly repeatable?: true;
  /** It heeds an idempotency key; one is made up where the caller gives none. */
  readonly keyed?: true;
  /** It takes no token. */
  readonly public?: true;
  readonly body?: "form" | "raw";
  /** The media type of a body with one item on each line, and how many it takes. */
  readonly lines?: string;
  readonly most?: number;
}

/** A body that is passed on as it is, because its sender signed it. */
export type RawBody = string | Uint8Array;

export interface ClientOptions {
  /** Where the API is: "https://api.example.com". Standard: the variable PURSER_URL. */
  readonly url?: string | undefined;
  /** An API key or an access token, or what gives the one of this moment. Standard: the variable PURSER_API_KEY. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** How long a reply, or the next piece of a stream, is waited for. Standard: 65, when the API itself has given up. */
  readonly timeoutSeconds?: number | undefined;
  /** How often a call is tried again where that is safe. Standard: 3. */
  readonly retries?: number | undefined;
  /** A call whose next try has to wait longer fails at once. Standard: 60. */
  readonly longestWaitSeconds?: number | undefined;
  /** What to call instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export interface CallOptions {
  /** Aborts the call, its waits between tries and its stream. */
  readonly signal?: AbortSignal | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly retries?: number | undefined;
  /** The caller's own name for the request. */
  readonly requestId?: string | undefined;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Of an operation that heeds a key. */
export interface KeyedCallOptions extends CallOptions {
  /** The same key with the same input within 24 hours gives the first reply again. */
  readonly idempotencyKey?: string | undefined;
}

interface Call {
  readonly operation: Operation;
  readonly options: CallOptions;
  readonly headers: Headers;
  readonly body: BodyInit;
  readonly context: CallContext;
}

const version = "1.0.0";
const mediaJson = "application/json";
const mediaForm = "application/x-www-form-urlencoded";
const mediaLines = "application/x-ndjson";

interface Surroundings {
  readonly document?: unknown;
  readonly process?: { readonly env?: Record<string, string | undefined>; readonly versions?: { readonly node?: string } };
}

/** A browser says by itself what it is, and would have to ask the API whether we may. */
function agent(): string | undefined {
  const { process, document } = globalThis as Surroundings;
  return process?.versions?.node === undefined || document !== undefined ? undefined : `purser-typescript/${version}`;
}

/** A variable of the environment, where there is one. */
function variable(name: string): string | undefined {
  const value = (globalThis as Surroundings).process?.env?.[name];
  return value === "" ? undefined : value;
}

const ownMachine = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** What is wrong with it is told without it, for it may hold a secret. */
function addressOf(url: string): string {
  let address: URL | undefined;

  try {
    address = new URL(url);
  } catch {
    address = undefined;
  }
  if (address === undefined || !/^https?:$/.test(address.protocol) || /[?#@]/.test(url)) {
    throw new InputError("`url` is no address such as https://api.example.com.");
  }
  if (address.protocol === "http:" && !ownMachine.test(address.hostname)) {
    throw new InputError("A token may go to another machine by https alone.");
  }
  return (address.origin + address.pathname).replace(/\/+$/, "");
}

function secondsOf(timeoutSeconds: number): number {
  if (!(timeoutSeconds > 0)) throw new InputError("`timeoutSeconds` is a number above 0.");
  return timeoutSeconds;
}

function formOf(input: object): URLSearchParams {
  const form = new URLSearchParams();

  for (const [name, value] of Object.entries(input)) {
    if (value !== undefined && value !== null) form.set(name, String(value));
  }
  return form;
}

/** The body, and its media type. */
async function bodyOf(operation: Operation, input: object | RawBody, options: CallOptions): Promise<[BodyInit, string]> {
  if (typeof input === "string" || input instanceof Uint8Array) return [input as BodyInit, mediaJson];
  if (operation.body === "form") return [formOf(input), mediaForm];
  if (operation.lines !== undefined && isItems(input)) {
    return [await writeLines(input, operation.most ?? Infinity, options.signal), operation.lines];
  }
  return [writeJson(input), mediaJson];
}

/** A key that nobody heeds would make a second call look safe, and so would one that no error tells of. */
function checkKey(operation: Operation, options: KeyedCallOptions): void {
  if (options.idempotencyKey !== undefined && operation.keyed !== true) {
    throw new InputError("This operation heeds no idempotency key.");
  }
  if (Object.keys(options.headers ?? {}).some((name) => name.toLowerCase() === "idempotency-key")) {
    throw new InputError("A key is given as `idempotencyKey`, not among the headers.");
  }
  // Blanks around it would not arrive: it would be another one.
  if (options.idempotencyKey !== undefined && !/^[!-~](?:[ -~]{0,253}[!-~])?$/.test(options.idempotencyKey)) {
    throw new InputError("`idempotencyKey` is 1 to 255 printable ASCII characters, no blank first or last.");
  }
}

/** Sets a header; one that can't be sent is told by its name alone, for its value may be secret. */
function setHeader(headers: Headers, name: string, value: string | undefined): void {
  if (value === undefined) return;
  try {
    headers.set(name, value);
  } catch {
    throw new InputError(`What is to be sent as ${name} is no text of a header.`);
  }
}

/** What stands between may answer with a page of its own: that is neither a document nor rows. (Nor JSON, as its reader sees.) */
function checkType(response: Response, media: string): void {
  const given = (response.headers.get("content-type") ?? media).replace(/;.*/, "").trim().toLowerCase();

  if (given !== media) throw new ReplyError(`The reply is ${given}, not ${media}.`);
}

/** The same error, with what it was about where it does not know yet. */
function inContext(error: unknown, context: CallContext): unknown {
  if (error instanceof PurserError && error.operation === undefined) Object.assign(error, context);
  return error;
}

export class Transport {
  readonly #url: string;
  readonly #token: ClientOptions["token"];
  readonly #fetch: typeof globalThis.fetch;
  readonly #timeoutSeconds: number;
  readonly #retries: number;
  readonly #longestWaitSeconds: number;

  constructor(options: ClientOptions) {
    const url = options.url ?? variable("PURSER_URL");

    if (url === undefined) throw new InputError("Say where the API is: by `url`, or by the variable PURSER_URL.");
    this.#url = addressOf(url);
    this.#token = options.token ?? variable("PURSER_API_KEY");
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.#timeoutSeconds = secondsOf(options.timeoutSeconds ?? 65);
    this.#retries = options.retries ?? 3;
    this.#longestWaitSeconds = options.longestWaitSeconds ?? 60;
  }

  /** The reply as JSON. */
  async send<Reply>(operation: Operation, input: object | RawBody, options: KeyedCallOptions): Promise<Reply> {
    const call = await this.#prepare(operation, input, options, mediaJson);

    return this.#perform(call, async (response, attempt) => {
      const text = await attempt.waitFor(response.text());
      attempt.end();
      return readJson(text) as Reply;
    });
  }

  /** The reply as a document of that media type. */
  async render(media: string, operation: Operation, input: object, options: CallOptions): Promise<Uint8Array> {
    const call = await this.#prepare(operation, input, options, media);

    return this.#perform(call, async (response, attempt) => {
      checkType(response, media);
      const bytes = await attempt.waitFor(response.arrayBuffer());
      attempt.end();
      return new Uint8Array(bytes);
    });
  }

  /** The rows of the reply as they come; leaving the loop ends the connection. */
  async *stream<Row>(operation: Operation, input: object, options: CallOptions): AsyncGenerator<Row, void, undefined> {
    const call = await this.#prepare(operation, input, options, mediaLines);
    const [response, attempt] = await this.#perform(call, async (...begun) => {
      checkType(begun[0], mediaLines);
      return begun;
    });

    try {
      yield* readRows<Row>(response, attempt);
    } catch (error) {
      throw inContext(error, call.context);
    } finally {
      attempt.end();
    }
  }

  async #prepare(operation: Operation, input: object | RawBody, options: KeyedCallOptions, accept: string): Promise<Call> {
    const key = operation.keyed === true ? (options.idempotencyKey ?? (await randomKey())) : undefined;
    const context = { operation: operation.id, ...(key === undefined ? {} : { idempotencyKey: key }) };

    try {
      checkKey(operation, options);
      secondsOf(options.timeoutSeconds ?? this.#timeoutSeconds);
      const [body, contentType] = await bodyOf(operation, input, options);
      const headers = new Headers({ Accept: accept === mediaJson ? accept : `${accept}, application/problem+json`, "Content-Type": contentType });
      setHeader(headers, "User-Agent", agent());
      setHeader(headers, "Idempotency-Key", key);
      setHeader(headers, "X-Request-Id", options.requestId);
      for (const [name, value] of Object.entries(options.headers ?? {})) setHeader(headers, name, value);
      return { operation, options, headers, body, context };
    } catch (error) {
      throw inContext(error, context);
    }
  }

  async #perform<Result>(
    call: Call,
    read: (response: Response, attempt: Attempt) => Promise<Result>,
  ): Promise<Result> {
    const { operation, options } = call;
    const rules = { retries: options.retries ?? this.#retries, longestWaitSeconds: this.#longestWaitSeconds };

    for (let failures = 0; ; failures++) {
      try {
        return await this.#attempt(call, read);
      } catch (error) {
        const seconds = waitBeforeRetry(error, operation.repeatable === true, failures, rules);
        if (seconds === undefined) throw inContext(error, call.context);
        await sleep(seconds, options.signal);
      }
    }
  }

  async #attempt<Result>(
    call: Call,
    read: (response: Response, attempt: Attempt) => Promise<Result>,
  ): Promise<Result> {
    const { signal, timeoutSeconds } = call.options;
    const headers = await this.#authorized(call);

    if (signal?.aborted === true) throw reasonOf(signal);
    const attempt = new Attempt(timeoutSeconds ?? this.#timeoutSeconds, signal);
    try {
      const response = await attempt.waitFor(this.#post(call, headers, attempt.signal));
      if (response.ok) return await read(response, attempt);
      const text = await attempt.waitFor(response.text());
      throw new ProblemError(problemOf(response, text), retryAfterOf(response.headers.get("retry-after")));
    } catch (error) {
      attempt.end();
      throw error;
    }
  }

  #post(call: Call, headers: Headers, signal: AbortSignal): Promise<Response> {
    const fetch = this.#fetch; // a browser's is to be called on nothing else

    return fetch(this.#url + call.operation.path, {
      method: "POST",
      headers,
      body: call.body,
      signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "manual",
    });
  }

  /** The caller's own header wins. */
  async #authorized(call: Call): Promise<Headers> {
    const headers = new Headers(call.headers);

    if (call.operation.public === true || headers.has("Authorization")) return headers;
    const token = typeof this.#token === "function" ? await this.#token() : this.#token;
    setHeader(headers, "Authorization", token === undefined ? undefined : `Bearer ${token}`);
    return headers;
  }
}

/** A group of operations. */
export class Resource {
  protected readonly _transport: Transport;

  constructor(transport: Transport) {
    this._transport = transport;
  }
}
