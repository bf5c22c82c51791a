// Runs examples in TypeScript, one after the other in one process, as t/examples.t hands them over: a line {text, environment}
// each, answered by a line {ok, why, printed, calls}; an empty one is the end. The texts have no word that JavaScript has not, so that node takes them
// as they are; that their types fit is the compiler's to say. What a call was answered is noted where it comes in.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { format } from 'node:util';

// Beside this file, where `purser` is found.
const directory = mkdtempSync(join(dirname(fileURLToPath(import.meta.url)), 'examples-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const fetched = globalThis.fetch;
let calls = [];
let printed = [];
let count = 0;

globalThis.fetch = async (url, init) => {
	const response = await fetched(url, init);
	const call = { path: new URL(url).pathname, status: response.status, type: response.headers.get('content-type') ?? '' };
	call.body = response.clone().text();
	calls.push(call);
	return response;
};
console.log = (...words) => printed.push(format(...words));

async function run({ text, environment }) {
	const file = join(directory, `${++count}.mjs`);
	let why = '';

	for (const name of Object.keys(process.env)) if (name.startsWith('PURSER_')) delete process.env[name];
	Object.assign(process.env, environment);
	[calls, printed] = [[], []];
	writeFileSync(file, text);
	try {
		await import(pathToFileURL(file).href);
	} catch (error) {
		why = error?.stack ?? String(error);
	}
	for (const call of calls) call.body = await call.body;
	return { ok: !why, why, printed: printed.join('\n'), calls };
}

for await (const line of createInterface({ input: process.stdin })) {
	if (line === '') break;
	process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
}
process.exit(0);
