// Bodies with one record on each line, both ways.

import type { Attempt } from "./attempt.js";
import { InputError, ReplyError } from "./errors.js";
import { readJson, writeJson } from "./json.js";

/** Items in any order of coming: an array, a generator, a stream. */
export type Items<Item> = Iterable<Item> | AsyncIterable<Item>;

export function isItems(input: object): input is Items<unknown> {
  return Symbol.iterator in input || Symbol.asyncIterator in input;
}

/** The whole body: it is sent in one request, and is one transaction. */
export async function writeLines(items: Items<unknown>, most: number, signal: AbortSignal | undefined): Promise<string> {
  const lines: string[] = [];

  for await (const item of items) {
    signal?.throwIfAborted();
    if (lines.length === most) throw new InputError(`One call takes at most ${String(most)} items.`);
    lines.push(`${writeJson(item)}\n`);
  }
  return lines.join("");
}

/** The characters that are whole so far; without bytes, the end: half a character is left then. */
function textOf(decoder: TextDecoder, bytes?: Uint8Array): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch (cause) {
    throw new ReplyError("The stream is no UTF-8.", {}, cause);
  }
}

/** The lines of a body, without their ends; each piece is waited for as long as a reply would be. */
async function* linesOf(body: ReadableStream<Uint8Array>, attempt: Attempt): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let begun: string[] = [];

  for (;;) {
    const { done, value } = await attempt.waitFor(reader.read());
    if (done) break;
    const pieces = textOf(decoder, value).split("\n");
    for (const piece of pieces.slice(0, -1)) {
      attempt.check();
      yield begun.length === 0 ? piece : begun.join("") + piece;
      begun = [];
    }
    begun.push(pieces[pieces.length - 1] ?? "");
  }
  if (begun.join("") + textOf(decoder) !== "") throw new ReplyError("The stream ended in the middle of a record.");
}

export async function* readRows<Row>(response: Response, attempt: Attempt): AsyncGenerator<Row, void, undefined> {
  if (response.body === null) return;
  for await (const line of linesOf(response.body, attempt)) {
    if (line !== "") yield readJson(line) as Row;
  }
}
