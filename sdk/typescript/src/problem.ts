// A problem out of a reply that tells no success.

import type { Problem } from "./errors.js";

function objectOf(text: string): Record<string, unknown> {
  let document: unknown;

  try {
    document = JSON.parse(text);
  } catch {
    document = undefined;
  }
  return typeof document === "object" && document !== null && !Array.isArray(document) ? (document as Record<string, unknown>) : {};
}

/** What stands between caller and API may answer in its own way: that is a problem all the same. */
export function problemOf(response: Response, text: string): Problem {
  const said = objectOf(text);
  const textOf = (name: string, otherwise: string): string => {
    const value = said[name];
    return typeof value === "string" ? value : otherwise;
  };

  return {
    ...said,
    type: textOf("type", "about:blank"),
    title: textOf("title", "The reply is no problem document"),
    detail: textOf("detail", `The answer was ${String(response.status)}${response.statusText === "" ? "" : ` ${response.statusText}`}.`),
    instance: textOf("instance", response.headers.get("x-request-id") ?? ""),
    code: textOf("code", "unknown"),
    status: response.status,
  };
}
