// When a call is tried again, and after how long. Only what can't happen twice is: reads, calls
// with an idempotency key, and what the declarations say so of.

import { longestTimer, reasonOf } from "./attempt.js";
import { ConnectionError, ProblemError } from "./errors.js";

export interface RetryRules {
  /** How often a call is tried again. */
  readonly retries: number;
  /** A wait that is longer is left to the caller. */
  readonly longestWaitSeconds: number;
}

function backoff(failures: number): number {
  return Math.min(0.25 * 2 ** failures, 8);
}

/** What to wait, in seconds; undefined where another try would be of no use. */
function wishOf(error: unknown, failures: number): number | undefined {
  if (error instanceof ConnectionError) return backoff(failures);
  if (!(error instanceof ProblemError)) return undefined;
  const asked = error.retryAfterSeconds;

  switch (error.status) {
    case 429:
    case 502:
    case 503:
    case 504:
      return asked ?? backoff(failures);
    case 409:
      return error.code === "idempotency_in_progress" ? (asked ?? 1) : undefined;
    default:
      return undefined;
  }
}

/** `failures` counts those before this one. */
export function waitBeforeRetry(
  error: unknown,
  isRepeatable: boolean,
  failures: number,
  rules: RetryRules,
): number | undefined {
  const seconds = isRepeatable && failures < rules.retries ? wishOf(error, failures) : undefined;

  if (seconds === undefined || seconds > rules.longestWaitSeconds) return undefined;
  return seconds + Math.random() * Math.min(seconds / 4, 1);
}

/** Ends at once with the signal's reason where that aborts. */
export function sleep(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, Math.min(seconds * 1000, longestTimer));
    function stop(this: AbortSignal): void {
      clearTimeout(timer);
      reject(reasonOf(this) as Error);
    }

    if (signal?.aborted === true) stop.call(signal);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

// All three forms of a date in HTTP begin with a day of the week; what else Date.parse takes for a date is none. The third
// is of Greenwich as well, without saying so.
const httpDate = /^[A-Z][a-z]+,? .*[0-9]{2}:[0-9]{2}:[0-9]{2}/;

/** `Retry-After`: seconds, or (from what stands between) a date. */
export function retryAfterOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^[0-9]+$/.test(header)) return Number(header);
  const date = httpDate.test(header) ? Date.parse(header.endsWith("GMT") ? header : `${header} GMT`) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}
