// JSON in and out, without a number losing a digit: what JavaScript can't hold exactly is refused instead of rounded.

import { InputError, ReplyError } from "./errors.js";

// Only text with so many digits in a row, or with a large exponent, can hold such a number, and little does.
const suspicious = /[0-9][0-9.]{15}|[0-9][eE][+-]?[0-9]{2}/;
const numbers = /-?[0-9][0-9.eE+-]*/y;

function isExact(token: string): boolean {
  const value = Number(token);
  const [digits = "", exponent] = token.split(/[eE]/);
  const [, decimals] = digits.split(".");

  // Fifteen digits always come back from a number; what is larger than all numbers does not.
  if (exponent !== undefined) return Number.isFinite(value) && digits.replace(/[-.]/g, "").length <= 15;
  return decimals === undefined ? Number.isSafeInteger(value) : value.toFixed(Math.min(decimals.length, 100)) === token;
}

/** The place behind the string that begins here. */
function behindString(text: string, quote: number): number {
  let at = quote + 1;

  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function refuseInexact(text: string): void {
  for (let at = 0; at < text.length; ) {
    numbers.lastIndex = at;
    const token = text[at] === '"' ? undefined : numbers.exec(text)?.[0];
    if (token !== undefined && !isExact(token)) {
      throw new ReplyError(`The reply holds ${token}, which a number of JavaScript can't hold exactly.`);
    }
    at = text[at] === '"' ? behindString(text, at) : at + (token?.length ?? 1);
  }
}

export function readJson(text: string): unknown {
  if (suspicious.test(text)) refuseInexact(text);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ReplyError("The reply is no JSON.", {}, cause);
  }
}

function checked(name: string, given: unknown): unknown {
  const value = typeof given === "bigint" ? Number(given) : given;

  if (typeof value !== "number") return value;
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new InputError(`${name === "" ? "This" : name} is ${String(value)}, which is no exact number.`);
  }
  return value;
}

export function writeJson(value: unknown): string {
  return JSON.stringify(value, checked);
}
