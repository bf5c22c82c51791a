// The client: every operation, under its name.

import { Operations } from "./operations.js";
import { Transport } from "./transport.js";
import type { ClientOptions } from "./transport.js";

/**
 * A client of the API. It holds no connection and needs no end.
 *
 *     const client = new Purser({ url: "https://api.example.com", token: "gpra_…" });
 *     const { available } = await client.billing.credits.balance();
 */
export class Purser extends Operations {
  constructor(options: ClientOptions = {}) {
    super(new Transport(options));
  }
}
