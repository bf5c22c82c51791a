// Verifies events by the package that receivers use: reads a line for each, {secret, headers, body}, and prints for each what the
// package has to say, as JSON: {"ok": true} or {"error": "…"}.
'use strict';

const { createInterface } = require('node:readline');
const { Webhook } = require('standardwebhooks');

createInterface({ input: process.stdin }).on('line', (line) => {
	const { secret, headers, body } = JSON.parse(line);
	let verdict;
	try {
		new Webhook(secret).verify(Buffer.from(body, 'base64').toString('utf8'), headers);
		verdict = { ok: true };
	} catch (error) {
		verdict = { error: error.message };
	}
	console.log(JSON.stringify(verdict));
});
