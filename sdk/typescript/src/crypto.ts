// WebCrypto, which browsers and newer Nodes have as a global, and Node 18 in a module.

/** Its name stands apart from the import, so that no bundler looks for it on behalf of a browser. */
const nodeModule = "node:crypto";

export async function webCrypto(): Promise<Crypto> {
  const known = (globalThis as { crypto?: Crypto }).crypto;

  if (known !== undefined) return known;
  const module = (await import(/* webpackIgnore: true */ /* @vite-ignore */ nodeModule)) as { webcrypto: Crypto };
  return module.webcrypto;
}

export async function randomKey(): Promise<string> {
  const bytes = (await webCrypto()).getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
