// How the scripts here tell what they have proven: a line of JSON for each sentence.

import assert from 'node:assert/strict';

export { assert };

export const given = JSON.parse(process.argv[2] ?? '{}');

/** Tries what the sentence says; goes on where it is false. */
export async function proves(name, what) {
	try {
		await what();
		console.log(JSON.stringify({ ok: true, name }));
	} catch (error) {
		console.log(JSON.stringify({ ok: false, name, why: error?.stack ?? String(error) }));
	}
}

/** The error that it ends with. */
export async function failureOf(promise) {
	let given;
	try {
		given = await promise;
	} catch (error) {
		return error;
	}
	return assert.fail(`it did not fail, but gave ${JSON.stringify(given)}`);
}

export async function listOf(iterable) {
	const items = [];
	for await (const item of iterable) items.push(item);
	return items;
}
