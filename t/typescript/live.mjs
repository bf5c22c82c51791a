// The client against the running API, whichever way it was imported.

import { assert, failureOf, given, listOf, proves } from './sentences.mjs';

const lines = [{ sku: 'scene', description: 'A scene', quantity: '2.5', unit_credits: 4 }];

/** fetch that counts, and lets `change` look at each call. */
function watched(change = () => {}) {
	const calls = [];
	const watch = async (url, init) => {
		const call = { url, headers: Object.fromEntries(init.headers), body: init.body };
		calls.push(call);
		change(call, calls.length);
		call.response = await fetch(url, { ...init, headers: call.headers });
		return call.response;
	};
	return Object.assign(watch, { calls });
}

export async function live(purser, how) {
	const { Purser, ProblemError, InputError } = purser;
	const client = new Purser({ token: given.key });
	const proof = (name, what) => proves(`${how}: ${name}`, what);

	await proof('an operation is called by its dotted name, and credits are a number', async () => {
		assert.equal((await client.billing.credits.balance()).available, given.credits);
	});
	await proof('words of several parts are camel case', async () => {
		assert.equal((await client.billing.autoTopup.get()).enabled, false);
	});

	const references = Array.from({ length: 5 }, (_, number) => `${how}-${number}`);
	await proof('a write sends a key of its own making, each call another', async () => {
		const fetch = watched();
		const writer = new Purser({ token: given.key, fetch });
		for (const reference of references) assert.equal((await writer.orders.create({ reference, lines })).reference, reference);
		const keys = fetch.calls.map((call) => call.headers['idempotency-key']);
		assert.equal(new Set(keys).size, 5);
		for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
	});
	await proof('a read sends none', async () => {
		const fetch = watched();
		await new Purser({ token: given.key, fetch }).orders.list();
		assert.equal(fetch.calls[0].headers['idempotency-key'], undefined);
	});
	await proof("the caller's own key gives the first reply again", async () => {
		const fetch = watched();
		const writer = new Purser({ token: given.key, fetch });
		const options = { idempotencyKey: `again-${how}` };
		const [first, second] = [await writer.apiKeys.create({ name: 'one', permissions: ['*:read'] }, options), await writer.apiKeys.create({ name: 'one', permissions: ['*:read'] }, options)];
		assert.deepEqual(first, second);
		assert.equal(fetch.calls[1].response.headers.get('idempotent-replayed'), 'true');
	});

	const mine = (order) => references.includes(order.reference);
	await proof('awaiting a list gives one page', async () => {
		const page = await client.orders.list({ limit: 2 });
		assert.equal(page.data.length, 2);
		assert.equal(typeof page.next_cursor, 'string');
	});
	await proof('looping over a list gives every row, over the cursors, once and in order', async () => {
		const rows = await listOf(client.orders.list({ limit: 2 }));
		assert.deepEqual(rows.filter(mine).map((order) => order.reference), [...references].reverse());
		assert.equal(new Set(rows.map((order) => order.id)).size, rows.length);
	});
	await proof('a loop that is left asks for no more pages', async () => {
		const fetch = watched();
		for await (const order of new Purser({ token: given.key, fetch }).orders.list({ limit: 2 })) if (order) break;
		assert.equal(fetch.calls.length, 1);
	});
	await proof('looping over pages gives pages', async () => {
		const pages = await listOf(client.orders.list({ limit: 3 }).pages());
		assert.equal(pages.at(-1).next_cursor, null);
		assert.ok(pages.slice(0, -1).every((page) => page.data.length === 3));
	});
	await proof('the stream gives the same rows in one reply', async () => {
		const fetch = watched();
		const streamed = await listOf(new Purser({ token: given.key, fetch }).orders.list().stream());
		assert.deepEqual(streamed, await listOf(client.orders.list({ limit: 2 })));
		assert.equal(fetch.calls.length, 1);
		assert.match(fetch.calls[0].response.headers.get('content-type'), /x-ndjson/);
	});
	if (given.brief) return;

	await proof('a worker that dies within a write, or behind its commit, is called again with the same key, and it is done once', async () => {
		let tries = 0;
		const faults = (given.all ? [1, 2, 3, 4] : [1, 3]).flatMap((trip) => [`${trip}:9`, `${trip}:-9`]);
		for (const fault of faults) {
			const fetch = watched((call, number) => {
				if (number === 1) call.headers['X-Purser-Fault'] = fault;
			});
			await new Purser({ token: given.key, fetch }).apiKeys.create({ name: `killed ${how} ${fault}`, permissions: ['*:read'] });
			assert.equal(new Set(fetch.calls.map((call) => call.headers['idempotency-key'])).size, 1);
			tries += fetch.calls.length;
		}
		if (given.faults) assert.ok(tries > faults.length + 1, `${tries} tries`);
		const names = (await listOf(client.apiKeys.list())).map((key) => key.name).filter((name) => name.startsWith(`killed ${how}`));
		assert.deepEqual(names.sort(), faults.map((fault) => `killed ${how} ${fault}`).sort());
	});
	await proof('a stream can be left, and aborted', async () => {
		for await (const order of client.orders.list().stream()) if (order) break;
		const controller = new AbortController();
		const error = await failureOf((async () => {
			for await (const order of client.orders.list({}, { signal: controller.signal }).stream()) if (order) controller.abort();
		})());
		assert.equal(error.name, 'AbortError');
	});

	await proof('a refusal of the input is an error with every fault', async () => {
		const error = await failureOf(client.apiKeys.create({ nmae: 'x', permissions: [], rate_limit: 0 }));
		assert.ok(error instanceof ProblemError && error instanceof Error);
		assert.deepEqual([error.name, error.status, error.code, error.operation], ['ProblemError', 422, 'invalid', 'api_keys.create']);
		assert.deepEqual(error.errors.map((fault) => fault.pointer).sort(), ['/name', '/nmae', '/permissions', '/rate_limit']);
		assert.match(error.requestId, /^[0-9A-Z]{26}$/);
		assert.match(error.message, /\/nmae: /);
		assert.match(error.idempotencyKey, /^[0-9a-f]{32}$/);
	});
	await proof("a problem's own members are there", async () => {
		const reader = new Purser({ token: (await client.apiKeys.create({ name: 'reader', permissions: ['orders:read'] })).key });
		const error = await failureOf(reader.billing.credits.balance());
		assert.deepEqual([error.code, error.problem.required_scope], ['forbidden', 'billing:read']);
	});
	await proof('a limit that is reached says when to come again, where that is too long to wait', async () => {
		const { key } = await client.apiKeys.create({ name: 'slow', permissions: ['*:read'], rate_limit: 1 });
		const slow = new Purser({ token: key, longestWaitSeconds: 0 });
		const error = await failureOf((async () => { for (;;) await slow.billing.credits.balance(); })());
		assert.deepEqual([error.status, error.code], [429, 'rate_limited']);
		assert.ok(error.retryAfterSeconds > 0 && error.retryAfterSeconds <= 60);
	});
	await proof('the request id is the one that the caller gives', async () => {
		const error = await failureOf(client.orders.get({ order_id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }, { requestId: 'mine-1' }));
		assert.deepEqual([error.code, error.requestId], ['not_found', 'mine-1']);
	});
	await proof('a token may be asked for at each call, and a public operation takes none', async () => {
		const fetch = watched();
		let asked = 0;
		const person = new Purser({ fetch, token: async () => { asked++; return given.key; } });
		await failureOf(person.auth.sessions.create({ email: `${how}@example.com`, password: 'nobody has this one' }));
		assert.deepEqual([asked, fetch.calls[0].headers.authorization], [0, undefined]);
		await person.auth.whoami();
		assert.deepEqual([asked, fetch.calls[1].headers.authorization], [1, `Bearer ${given.key}`]);
	});
	await proof("OAuth's operations send a form, and fail as the others do", async () => {
		const token = await client.oauth.token({ grant_type: 'client_credentials', client_secret: given.key });
		assert.equal((await new Purser({ token: token.access_token }).billing.credits.balance()).available !== undefined, true);
		const error = await failureOf(client.oauth.token({ grant_type: 'client_credentials', client_secret: 'wrong' }));
		assert.deepEqual([error.status, error.code], [401, 'invalid_client']);
	});

	await proof('a document comes as its bytes', async () => {
		const demo = new Purser();
		const [pdf, csv] = [await demo.organizations.commitments.statementAs('application/pdf', { organization_id: given.demo }), await demo.organizations.commitments.statementAs('text/csv', { organization_id: given.demo })];
		assert.ok(pdf instanceof Uint8Array);
		assert.equal(new TextDecoder().decode(pdf.slice(0, 5)), '%PDF-');
		assert.match(new TextDecoder().decode(csv), /,/);
	});
	await proof('its lines come as rows', async () => {
		const rows = await listOf(new Purser().organizations.commitments.statementRows({ organization_id: given.demo, period: new Date().toISOString().slice(0, 7) }));
		assert.ok(rows.length > 0 && rows.every((row) => typeof row.kind === 'string'), JSON.stringify(rows[0]));
	});
	await proof('what cannot be drawn is a problem, not bytes', async () => {
		const error = await failureOf(client.billing.invoices.getAs('application/pdf', { invoice_id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }));
		assert.equal(error.code, 'not_found');
	});

	const event = (number) => ({ id: `${how}-${number}`, metric: 'requests', quantity: 1 });
	await proof('items come from an array, from a generator and from an async generator', async () => {
		assert.equal((await client.usage.record([event(1)])).accepted, 1);
		assert.equal((await client.usage.record((function* () { for (let number = 1; number <= 3000; number++) yield event(number); })())).accepted, 2999);
		assert.equal((await client.usage.record((async function* () { for (let number = 3000; number <= 3002; number++) yield event(number); })())).accepted, 2);
		assert.equal((await client.usage.record({ events: [event(3003)] })).accepted, 1);
	});
	await proof('an item that does not fit is named, and the others stand', async () => {
		const reply = await client.usage.record([event(5001), { metric: 'requests' }, event(5002)]);
		assert.deepEqual([reply.accepted, reply.rejected_total, reply.rejected[0].index], [2, 1, 1]);
	});
	await proof('items that never end are not collected for ever', async () => {
		let ended = false;
		const error = await failureOf(client.usage.record((function* () { try { for (;;) yield event(1); } finally { ended = true; } })()));
		assert.ok(error instanceof InputError && ended);
	});
	await proof('items that fail fail the call, as they did', async () => {
		const mine = new Error('mine');
		assert.equal(await failureOf(client.usage.record((async function* () { yield event(1); throw mine; })())), mine);
	});
	await proof('a number that JavaScript does not hold is refused before it is sent', async () => {
		for (const credits of [2 ** 53, NaN, Infinity]) {
			const error = await failureOf(client.billing.topup({ credits }));
			assert.ok(error instanceof InputError, String(error));
		}
	});
}
