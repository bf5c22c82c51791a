// Lists: a page, page after page, row after row over the cursors, or the whole as one stream.

import { ReplyError } from "./errors.js";
import type { CallOptions, Operation, Transport } from "./transport.js";

export interface Page<Row> {
  readonly data: readonly Row[];
  /** What to send as `cursor` for the next page; null on the last one. */
  readonly next_cursor: string | null;
  /** How many there are in all, where that is counted. */
  readonly total?: number;
}

/**
 * A list that is asked for when it is used:
 *
 *     const page = await client.orders.list({ limit: 10 });       // one page
 *     for await (const order of client.orders.list()) { … }       // every row, a page at a time
 *     for await (const order of client.orders.list().stream()) {} // every row, in one reply that is never held whole
 */
export class List<Row> implements AsyncIterable<Row>, PromiseLike<Page<Row>> {
  readonly #transport: Transport;
  readonly #operation: Operation;
  readonly #input: object;
  readonly #options: CallOptions;

  constructor(transport: Transport, operation: Operation, input: object, options: CallOptions) {
    this.#transport = transport;
    this.#operation = operation;
    this.#input = { ...input }; // what becomes of the caller's own is nothing to the pages that follow
    this.#options = options;
  }

  /** The page that the input asks for: what `await` gives. */
  then<Result = Page<Row>, Otherwise = never>(
    fulfilled?: ((page: Page<Row>) => Result | PromiseLike<Result>) | null,
    rejected?: ((reason: unknown) => Otherwise | PromiseLike<Otherwise>) | null,
  ): Promise<Result | Otherwise> {
    return this.#page(this.#input).then(fulfilled, rejected);
  }

  /** This page and all that follow it. */
  async *pages(): AsyncGenerator<Page<Row>, void, undefined> {
    let input = this.#input;

    for (let before: string | undefined; ; ) {
      const page = await this.#page(input);
      yield page;
      // A page of a server that leaves out what is null has none, too.
      const next = (page as { next_cursor?: string | null }).next_cursor ?? undefined;
      if (next === undefined) return;
      if (next === before) throw new ReplyError("The list does not move on.", { operation: this.#operation.id });
      before = next;
      input = { ...this.#input, cursor: next, offset: undefined, after: undefined };
    }
  }

  /** Every row from the input's place on. `limit` is the size of a page. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    for await (const page of this.pages()) yield* page.data;
  }

  /** Every row from the input's place on in one streamed reply (NDJSON). `limit` is how many at most. */
  stream(): AsyncGenerator<Row, void, undefined> {
    return this.#transport.stream(this.#operation, this.#input, this.#options);
  }

  async #page(input: object): Promise<Page<Row>> {
    const page = await this.#transport.send<Page<Row>>(this.#operation, input, this.#options);

    if (!Array.isArray((page as { data?: unknown } | null)?.data)) {
      throw new ReplyError("The reply is no page of a list.", { operation: this.#operation.id });
    }
    return page;
  }
}
