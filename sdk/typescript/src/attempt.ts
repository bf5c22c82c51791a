// One try of a call: its connection ends when the caller aborts, and when nothing has come for too long.

import { ConnectionError, TimeoutError } from "./errors.js";

/** In milliseconds: one that is set for longer goes off at once. */
export const longestTimer = 0x7fffffff;

/** Why the caller aborted: an AbortError, or a reason of its own. */
export function reasonOf(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException("The call was aborted.", "AbortError");
}

export class Attempt {
  readonly #controller = new AbortController();
  readonly #seconds: number;
  readonly #caller: AbortSignal | undefined;
  readonly #abort = (): void => {
    this.#controller.abort();
  };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #late = false;

  constructor(seconds: number, caller: AbortSignal | undefined) {
    this.#seconds = seconds;
    this.#caller = caller;
    caller?.addEventListener("abort", this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for something from the other side, and says what it means where that fails. */
  async waitFor<Result>(what: Promise<Result>): Promise<Result> {
    this.#arm();
    try {
      return await what;
    } catch (cause) {
      throw this.#meaning(cause);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** Ends what goes on without waiting, where the caller aborted. */
  check(): void {
    if (this.#caller?.aborted === true) throw reasonOf(this.#caller);
  }

  /** Lets go of the connection, if it is still there. */
  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#abort);
    this.#controller.abort();
  }

  #arm(): void {
    const milliseconds = this.#seconds * 1000;

    if (milliseconds > longestTimer) return;
    this.#timer = setTimeout(() => {
      this.#late = true;
      this.#controller.abort();
    }, milliseconds);
  }

  #meaning(cause: unknown): unknown {
    if (this.#caller?.aborted === true) return reasonOf(this.#caller);
    if (this.#late) return new TimeoutError(`There was no reply within ${String(this.#seconds)} seconds.`);
    return new ConnectionError(`The connection failed: ${messageOf(cause)}.`, {}, cause);
  }
}

// Node tells "fetch failed" and puts what it was into the cause.
function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause instanceof Error && cause.cause.message !== "" ? `: ${cause.cause.message}` : "";
  return `${cause.message}${inner}`;
}
