// What a call can end with instead of a reply. An aborted call is no error of ours: it ends with its signal's reason.

import type { ProblemCode } from "./types.js";
import type { Open } from "./values.js";

/** What every error of this package tells about the call. */
export interface CallContext {
  /** The operation's dotted id. */
  readonly operation?: string;
  /** The key that was sent: calling again with it is safe, whatever had become of the call. */
  readonly idempotencyKey?: string;
}

const kinds = Symbol.for("purser.errors");

type Kind = { readonly kind?: string };

/** "ProblemError", "PurserError". */
function kindsOf(of: object): string[] {
  const found: string[] = [];

  for (let at = of; at !== Error && at !== null; at = Object.getPrototypeOf(at) as object) {
    if (Object.hasOwn(at, "kind")) found.push((at as { kind: string }).kind);
  }
  return found;
}

/** The base of all errors of this package. */
export class PurserError extends Error {
  /** Its name, whatever a bundler makes of the class's. */
  static readonly kind: string = "PurserError";

  /** An error of another copy of this package is one as well: a program can hold it as ES module and as CommonJS module. */
  static override [Symbol.hasInstance](this: Kind, value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this as unknown as Function, value)) return true;
    const told = Object(value) as { readonly [kinds]?: readonly string[] };
    return this.kind !== undefined && Object.hasOwn(this, "kind") && told[kinds]?.includes(this.kind) === true;
  }

  readonly operation: string | undefined;
  readonly idempotencyKey: string | undefined;

  constructor(message: string, context: CallContext = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    const of = kindsOf(new.target);
    this.name = of[0] ?? PurserError.kind;
    Object.defineProperty(this, kinds, { value: of });
    this.operation = context.operation;
    this.idempotencyKey = context.idempotencyKey;
  }
}

/** The API was not reached, or the connection ended before its reply did. */
export class ConnectionError extends PurserError {
  static override readonly kind: string = "ConnectionError";
}

/** The reply took longer than `timeoutSeconds`. */
export class TimeoutError extends ConnectionError {
  static override readonly kind: string = "TimeoutError";
}

/** There was a reply, but it can't be used: no JSON, a stream that is cut, a number that JavaScript can't hold. */
export class ReplyError extends PurserError {
  static override readonly kind: string = "ReplyError";
}

/** What was to be sent can't be: a number that JavaScript did not hold exactly, too many items, no address. */
export class InputError extends PurserError {
  static override readonly kind: string = "InputError";
}

/** A webhook that is not to be trusted. */
export class WebhookError extends PurserError {
  static override readonly kind: string = "WebhookError";
}

/** One fault of the input. */
export interface Fault {
  /** Where it is: a JSON pointer into the body, "/lines/0/sku". */
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
  readonly loc: readonly (string | number)[];
}

/** A problem document (RFC 9457) as it came; some kinds have members of their own. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The request id: name it when you ask about the problem. */
  readonly instance: string;
  readonly code: Open<ProblemCode>;
  readonly errors?: readonly Fault[];
  readonly [member: string]: unknown;
}

/** The API refused. `code` says why, for programs; the message, for people. */
export class ProblemError extends PurserError {
  static override readonly kind: string = "ProblemError";

  readonly problem: Problem;
  readonly status: number;
  readonly code: Open<ProblemCode>;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string;
  /** Every fault of the input, where the code is `invalid`; else none. */
  readonly errors: readonly Fault[];
  /** How long to wait before the next try, where the API says so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Problem, retryAfterSeconds: number | undefined, context: CallContext = {}) {
    super(sentenceOf(problem), context);
    this.problem = problem;
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.requestId = problem.instance;
    this.errors = faultsOf(problem);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

// A problem of somebody between may call something else so.
function faultsOf(problem: Problem): readonly Fault[] {
  const told: readonly unknown[] = Array.isArray(problem.errors) ? problem.errors : [];

  return told.filter((fault): fault is Fault => typeof (fault as Partial<Fault> | null)?.pointer === "string");
}

function sentenceOf(problem: Problem): string {
  const faults = faultsOf(problem).map((fault) => ` ${fault.pointer}: ${fault.detail}`);
  return `${problem.detail}${faults.join("")} (${String(problem.status)} ${problem.code}, request ${problem.instance})`;
}
