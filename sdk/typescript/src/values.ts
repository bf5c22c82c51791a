// What stands for the wire's values in TypeScript: each as it is sent, so that nothing is lost on the way.

/** Whole credits. A number is exact below 2^53; the client refuses to read or send one beyond. */
export type Credits = number;

/** An exact decimal number as text, such as "12.34": money. Adding such texts up is the work of a decimal library. */
export type Decimal = string;

/** A count that may have decimals: a number where it is whole, a decimal text where it is not. */
export type Quantity = number | Decimal;

/** An ISO 4217 code: "AUD". */
export type Currency = string;

/** A ULID: 26 characters. */
export type Id = string;

/** A time in RFC 3339, UTC, with microseconds, which a `Date` would lose: "2026-01-31T09:30:00.000001Z". */
export type Instant = string;

/** Some JSON object whose members the API does not fix. */
export interface JsonObject {
  readonly [member: string]: unknown;
}

/** One of these words, or a word that a newer server knows. */
export type Open<Words extends string> = Words | (string & Record<never, never>);
