// What the client does where network and servers fail: at a server of this script's own, which answers call after call as it
// is told.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { ConnectionError, InputError, ProblemError, Purser, PurserError, ReplyError, TimeoutError } from 'purser';
import { assert, failureOf, listOf, proves } from './sentences.mjs';

const require = createRequire(import.meta.url);
let answers = [];
let calls = [];

const server = createServer((request, response) => {
	const call = { at: performance.now(), url: request.url, headers: request.headers, body: '' };
	request.on('data', (piece) => (call.body += piece));
	request.on('end', () => {
		calls.push(call);
		(answers.shift() ?? reply(200, {}))(response);
	});
	response.on('close', () => { call.closed = true; });
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${server.address().port}`;

const reply = (status, body, headers = {}) => (response) => {
	response.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', 'X-Request-Id': 'R', ...headers });
	response.end(typeof body === 'string' ? body : JSON.stringify(body));
};
const problem = (status, code, headers) => reply(status, { type: `/problems/${code}`, title: 'T', status, detail: 'D.', instance: 'R', code }, headers);
const hangUp = (response) => response.destroy();
const silence = () => {};
const pieces = (...texts) => (response) => {
	response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
	const next = () => {
		const text = texts.shift();
		if (text === undefined) return response.end();
		if (text === null) return response.destroy();
		if (typeof text === 'number') return setTimeout(next, text).unref();
		return response.write(text, () => setTimeout(next, 5));
	};
	next();
};

/** A client at the server, which will answer so. */
function client(told, options = {}) {
	answers = told;
	calls = [];
	return new Purser({ url: `${url}/`, token: 'gpra_x', ...options });
}
const order = { reference: 'r', lines: [] };
const signIn = { email: 'a@example.com', password: 'p' };
/** Waits until the server has the first call. */
async function heard() {
	while (!calls[0]) await new Promise((done) => setTimeout(done, 5));
}
/** Waits until the client has given up the connection of its first call. */
async function closes() {
	for (const began = performance.now(); calls[0]?.closed !== true; ) {
		assert.ok(performance.now() - began < 20_000, 'the connection stays open');
		await new Promise((done) => setTimeout(done, 20));
	}
}
const waits = () => calls.slice(1).map((call, number) => call.at - calls[number].at);

await proves('429 and 503 are tried again after Retry-After', async () => {
	await client([problem(429, 'rate_limited', { 'Retry-After': '1' }), problem(503, 'busy', { 'Retry-After': '1' })]).orders.create(order);
	assert.equal(calls.length, 3);
	for (const wait of waits()) assert.ok(wait >= 990 && wait < 10_000, `waited ${wait}`);
});
await proves('a date in Retry-After is understood', async () => {
	await client([problem(503, 'busy', { 'Retry-After': new Date(Date.now() + 2000).toUTCString() })]).auth.whoami();
	assert.ok(waits()[0] > 500 && waits()[0] < 10_000, `waited ${waits()[0]}`);
});
await proves('a date of the oldest form is one of Greenwich, and what is no date says nothing', async () => {
	process.env.TZ = 'Australia/Sydney';
	const asked = async (text) => (await failureOf(client([problem(503, 'busy', { 'Retry-After': text })], { retries: 0 }).auth.whoami())).retryAfterSeconds;
	const [, day, number, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(new Date(Date.now() + 90_000).toUTCString());
	const seconds = await asked(`${day} ${month} ${number} ${time} ${year}`);
	assert.ok(seconds > 60 && seconds <= 90, `it is ${seconds}`);
	for (const nonsense of ['-1', '1.5', 'soon', '2026-01-01T00:00:00Z', `Thu, 01 Jan ${'9'.repeat(30)} 00:00:00 GMT`]) assert.equal(await asked(nonsense), undefined, nonsense);
	delete process.env.TZ;
});
await proves('a wait of months is waited for where it is allowed, for timers know no such', async () => {
	const controller = new AbortController();
	setTimeout(() => controller.abort(), 300);
	const error = await failureOf(client([problem(429, 'rate_limited', { 'Retry-After': '9'.repeat(400) })], { longestWaitSeconds: Infinity }).auth.whoami({}, { signal: controller.signal }));
	assert.deepEqual([error.name, calls.length], ['AbortError', 1]);
});
await proves('a wait that is too long is left to the caller', async () => {
	const error = await failureOf(client([problem(429, 'rate_limited', { 'Retry-After': '61' })]).auth.whoami());
	assert.deepEqual([error.code, error.retryAfterSeconds, calls.length], ['rate_limited', 61, 1]);
});
await proves('a connection that breaks is tried again by a read', async () => {
	await client([hangUp, hangUp]).auth.whoami();
	assert.equal(calls.length, 3);
});
await proves('and by a write, with the same key and body', async () => {
	await client([hangUp, problem(502, 'bad_gateway'), problem(504, 'gateway_timeout')]).orders.create(order);
	assert.equal(calls.length, 4);
	assert.equal(new Set(calls.map((call) => `${call.headers['idempotency-key']} ${call.body}`)).size, 1);
	assert.ok(calls[0].headers['idempotency-key'].length > 20);
});
await proves('a preview, which changes nothing, is tried again without a key', async () => {
	await client([hangUp]).billing.invoices.preview();
	assert.deepEqual(calls.map((call) => call.headers['idempotency-key']), [undefined, undefined]);
});
await proves('but not by a call that is neither', async () => {
	for (const broken of [hangUp, problem(502, 'bad_gateway'), problem(503, 'unavailable', { 'Retry-After': '0' }), problem(429, 'rate_limited', { 'Retry-After': '0' })]) {
		const error = await failureOf(client([broken]).auth.sessions.create(signIn));
		assert.ok(error instanceof ConnectionError || error instanceof ProblemError, String(error));
		assert.equal(calls.length, 1);
	}
});
await proves('and by one that counts each event once', async () => {
	await client([hangUp, problem(503, 'busy', { 'Retry-After': '0' })]).usage.record([{ id: '1', metric: 'm', quantity: 1 }]);
	assert.deepEqual(calls.map((call) => call.body), Array(3).fill('{"id":"1","metric":"m","quantity":1}\n'));
});
await proves('a key whose first call is at work is asked again', async () => {
	await client([hangUp, problem(409, 'idempotency_in_progress', { 'Retry-After': '1' })]).orders.create(order);
	assert.equal(calls.length, 3);
	assert.ok(waits()[1] >= 990);
});
await proves('other refusals are not tried again', async () => {
	for (const [status, code] of [[400, 'bad_request'], [402, 'insufficient_credits'], [409, 'conflict'], [409, 'idempotency_key_reused'], [422, 'invalid'], [500, 'internal']]) {
		const error = await failureOf(client([problem(status, code)]).orders.create(order));
		assert.deepEqual([error.status, error.code, calls.length], [status, code, 1]);
	}
});
await proves('an error that remains tells the key, to try again with', async () => {
	const error = await failureOf(client([hangUp, hangUp], { retries: 1 }).orders.create(order));
	assert.ok(error instanceof ConnectionError && error.cause !== undefined);
	assert.deepEqual([error.operation, error.idempotencyKey, calls.length], ['orders.create', calls[0].headers['idempotency-key'], 2]);
});
await proves('a call says by itself how often it is tried', async () => {
	await failureOf(client([hangUp]).auth.whoami({}, { retries: 0 }));
	assert.equal(calls.length, 1);
});
await proves('nobody there is a connection error that says so', async () => {
	const error = await failureOf(new Purser({ url: 'http://127.0.0.1:1', retries: 0 }).auth.whoami());
	assert.ok(error instanceof ConnectionError);
	assert.match(error.message, /ECONNREFUSED|bad port/);
});

await proves('a server that says nothing is waited for as long as told, and is a connection error', async () => {
	const began = performance.now();
	const error = await failureOf(client([silence, silence], { timeoutSeconds: 0.2, retries: 1 }).auth.whoami());
	assert.ok(error instanceof TimeoutError && error instanceof ConnectionError);
	assert.equal(calls.length, 2);
	assert.ok(performance.now() - began < 20_000);
});
await proves('a body that stops half-way, too', async () => {
	const half = (response) => { response.writeHead(200, { 'Content-Length': '100' }); response.write('{'); };
	const error = await failureOf(client([half], { retries: 0 }).auth.whoami({}, { timeoutSeconds: 0.2 }));
	assert.ok(error instanceof TimeoutError);
});
await proves('and a body that is cut', async () => {
	const cut = (response) => { response.writeHead(200, { 'Content-Length': '100' }); response.write('{'); setTimeout(() => response.destroy(), 20); };
	const error = await failureOf(client([cut], { retries: 0 }).auth.whoami());
	assert.ok(error instanceof ConnectionError && !(error instanceof TimeoutError), String(error));
});

await proves('an abort ends a call at once, with its reason, and the connection', async () => {
	const controller = new AbortController();
	const reason = new Error('changed my mind');
	const call = client([silence]).orders.create(order, { signal: controller.signal });
	void heard().then(() => controller.abort(reason));
	assert.equal(await failureOf(call), reason);
	await closes();
	assert.equal(calls.length, 1);
});
await proves('an abort ends the wait between two tries', async () => {
	const controller = new AbortController();
	setTimeout(() => controller.abort(), 50);
	const began = performance.now();
	const error = await failureOf(client([problem(503, 'busy', { 'Retry-After': '30' })]).auth.whoami({}, { signal: controller.signal }));
	assert.equal(error.name, 'AbortError');
	assert.ok(performance.now() - began < 20_000);
});
await proves('a call that was aborted before is not made', async () => {
	assert.equal((await failureOf(client([]).auth.whoami({}, { signal: AbortSignal.abort() }))).name, 'AbortError');
	assert.equal(calls.length, 0);
});
await proves('a list stops between two pages', async () => {
	const controller = new AbortController();
	const page = reply(200, { data: [{ id: '1' }], next_cursor: 'c' });
	const rows = [];
	const error = await failureOf((async () => {
		for await (const row of client([page, page]).orders.list({}, { signal: controller.signal })) { rows.push(row); controller.abort(); }
	})());
	assert.deepEqual([error.name, rows.length, calls.length], ['AbortError', 1, 1]);
});

await proves('a stream that is aborted gives no further row, be it there or not', async () => {
	const controller = new AbortController();
	const reason = new Error('enough');
	const rows = [];
	const error = await failureOf((async () => {
		for await (const row of client([pieces('{}\n{}\n{}\n')]).orders.list({}, { signal: controller.signal }).stream()) { rows.push(row); controller.abort(reason); }
	})());
	assert.deepEqual([error, rows.length], [reason, 1]);
});
await proves('the pages of a list are of one input, whatever becomes of the object that it was in', async () => {
	const input = { status: 'settled', limit: 1 };
	const rows = client([reply(200, { data: [{ id: '1' }], next_cursor: 'c' }), reply(200, { data: [{ id: '2' }], next_cursor: null })]).orders.list(input);
	input.status = 'cancelled';
	for await (const row of rows) input.limit = Number(row.id) + 5;
	assert.deepEqual(calls.map((call) => JSON.parse(call.body)), [{ status: 'settled', limit: 1 }, { status: 'settled', limit: 1, cursor: 'c' }]);
});

await proves('rows are whole however a stream is cut into pieces', async () => {
	const bytes = Buffer.from('{"id":"ä€𝄞"}\n{"id":"2"}\n\n{"id":"3"}\n');
	const single = [...bytes].map((byte) => Buffer.from([byte]));
	assert.deepEqual(await listOf(client([pieces(...single)]).orders.list().stream()), [{ id: 'ä€𝄞' }, { id: '2' }, { id: '3' }]);
});
await proves('a row of several megabytes is read', async () => {
	const long = '1234567\\\\'.repeat(1 << 20) + '1'.repeat(20);
	const [row] = await listOf(client([pieces(`{"id":"${long}"}\n`)]).orders.list().stream());
	assert.equal(row.id, JSON.parse(`"${long}"`));
});
await proves('a stream that breaks is an error behind the rows that came', async () => {
	for (const broken of [null, undefined]) {
		const rows = [];
		const error = await failureOf((async () => {
			for await (const row of client([pieces('{"id":"1"}\n{"id', ...(broken === null ? [null] : []))]).orders.list().stream()) rows.push(row);
		})());
		assert.ok(broken === null ? error instanceof ConnectionError : error instanceof ReplyError, String(error));
		assert.deepEqual([rows.length, error.operation], [1, 'orders.list']);
	}
});
await proves('a stream that is no UTF-8, or no JSON, is said to be so', async () => {
	for (const bytes of [Buffer.from([0x7b, 0xff, 0x7d, 0x0a]), Buffer.from([0x7b, 0x7d, 0x0a, 0xe2, 0x82]), '{"id"\n']) {
		assert.ok((await failureOf(listOf(client([pieces(bytes)]).orders.list().stream()))) instanceof ReplyError);
	}
});
await proves('a stream that stops is a time-out, however long it went on before', async () => {
	const rows = [];
	const error = await failureOf((async () => { for await (const row of client([pieces('{}\n', 700, '{}\n', 700, '{}\n', 60_000)], { timeoutSeconds: 1, retries: 0 }).orders.list().stream()) rows.push(row); })());
	assert.ok(error instanceof TimeoutError);
	assert.equal(rows.length, 3);
});
await proves('who takes long over a row loses nothing', async () => {
	const rows = [];
	for await (const row of client([pieces('{}\n', '{}\n')], { timeoutSeconds: 2 }).orders.list().stream()) {
		rows.push(row);
		await new Promise((done) => setTimeout(done, 2500));
	}
	assert.equal(rows.length, 2);
});
await proves('a stream that is left gives its connection back', async () => {
	for await (const row of client([pieces('{}\n', 60_000)]).orders.list().stream()) if (row) break;
	await closes();
});

await proves('members and words that a newer server says come through', async () => {
	const given = { id: '1', status: 'teleported', shape: { of: ['things'] } };
	assert.deepEqual(await client([reply(200, given)]).orders.get({ order_id: '1' }), given);
});
await proves('a kind of problem that is new is a problem', async () => {
	const error = await failureOf(client([reply(418, { code: 'teapot', detail: 'Short and stout.', more: [1] })]).auth.whoami());
	assert.deepEqual([error.code, error.status, error.problem.more, error.requestId], ['teapot', 418, [1], 'R']);
});
await proves("what is no problem document, as a proxy's, is one for the caller", async () => {
	for (const [status, body] of [[403, '<html>no</html>'], [403, 'null'], [403, '{"errors":"many"}'], [403, '{"errors":[null,{}],"detail":{},"instance":7,"code":[]}'], [403, '[1]'], [403, '['.repeat(1e5)], [403, ''], [301, '']]) {
		const error = await failureOf(client([reply(status, body, { Location: 'http://127.0.0.1:1/' })]).auth.whoami());
		assert.ok(error instanceof ProblemError, String(error));
		assert.deepEqual([error.code, error.status, error.requestId, error.errors], ['unknown', status, 'R', []]);
	}
});
await proves('a reply that is no JSON, or no page, is said to be so', async () => {
	assert.ok((await failureOf(client([reply(200, '<html>')]).auth.whoami())) instanceof ReplyError);
	assert.ok((await failureOf(client([reply(200, '{}')]).orders.list())) instanceof ReplyError);
});
await proves('a page that somebody between answers with is not taken for a document, nor for rows', async () => {
	const html = reply(200, '<html>', { 'Content-Type': 'text/html' });
	for (const call of [() => client([html]).billing.invoices.getAs('application/pdf', { invoice_id: '1' }), () => listOf(client([reply(200, '{"data":[]}')]).orders.list().stream())]) {
		const error = await failureOf(call());
		assert.ok(error instanceof ReplyError && error.operation !== undefined, String(error));
		await closes();
	}
	const lines = reply(200, '{}\n', { 'Content-Type': 'application/x-ndjson; charset=utf-8' });
	assert.equal((await listOf(client([lines]).orders.list().stream())).length, 1);
});
await proves('a list that does not move on ends', async () => {
	const page = reply(200, { data: [{}], next_cursor: 'same' });
	assert.ok((await failureOf(listOf(client([page, page, page, page]).orders.list()))) instanceof ReplyError);
});
await proves('numbers that JavaScript can not hold are refused, and no others', async () => {
	const at = (text) => client([reply(200, `{"credits":${text}}`)]).billing.credits.balance();
	for (const text of ['9007199254740992', '-9007199254740993', '12345678901.123456', '[1,{"a":10000000000000000}]', '1e400', '9.007199254740993e15']) {
		assert.ok((await failureOf(at(text))) instanceof ReplyError, text);
	}
	for (const [text, value] of [['9007199254740991', 9007199254740991], ['0.000001', 0.000001], ['"9007199254740993"', '9007199254740993'], ['"a\\"9007199254740993"', 'a"9007199254740993'], ['8589934591.123456', 8589934591.123456], ['1e300', 1e300]]) {
		assert.equal((await at(text)).credits, value, text);
	}
});
await proves('a token stays on its own server', async () => {
	await failureOf(client([(response) => { response.writeHead(307, { Location: `${url}/elsewhere` }); response.end(); }]).auth.whoami());
	assert.deepEqual(calls.map((call) => call.url), ['/v1/auth/whoami']);
});
await proves('a token or a key that can not be sent is refused, and is not told', async () => {
	const failures = [failureOf(client([], { token: 'gpra_sec\nret' }).auth.whoami()), failureOf(client([]).orders.create(order, { idempotencyKey: 'sec\u20acret' }))];
	for (const error of await Promise.all(failures)) {
		assert.ok(error instanceof InputError, String(error));
		assert.ok(!/ret$|sec/m.test(`${error.message} ${error.stack.split('\n')[0]} ${error.cause ?? ''}`), error.message);
	}
	assert.equal(calls.length, 0);
});
await proves("a header of the caller's own takes the place of ours, whatever its case", async () => {
	await client([]).auth.whoami({}, { headers: { 'content-type': 'application/json; charset=utf-8', authorization: 'Bearer mine' } });
	assert.deepEqual([calls[0].headers['content-type'], calls[0].headers.authorization], ['application/json; charset=utf-8', 'Bearer mine']);
});
await proves('a bigint goes out digit by digit, where a number holds it', async () => {
	await client([]).billing.topup({ credits: 9007199254740991n });
	assert.equal(calls[0].body, '{"credits":9007199254740991}');
	assert.ok((await failureOf(client([]).billing.topup({ credits: 9007199254740993n }))) instanceof InputError);
});
await proves('an address that is none, or where a token would be read on the way, is refused and not told', () => {
	for (const address of ['', 'api.example.com', 'api.example.com:443', 'ftp://api.example.com', 'https://ada:secret@api.example.com', 'https://api.example.com?x', 'http://api.example.com', 'http://127.0.0.1.example.com']) {
		assert.throws(() => new Purser({ url: address }), (error) => error instanceof InputError && !error.message.includes('secret'), address);
	}
	for (const address of ['https://api.example.com/below/', 'http://localhost:1', 'http://[::1]:1']) assert.ok(new Purser({ url: address }));
});
await proves('a key that would not be heeded, or not be told of, is refused before anything is sent', async () => {
	for (const call of [() => client([]).auth.sessions.create(signIn, { idempotencyKey: 'k' }), () => client([]).auth.whoami({}, { idempotencyKey: 'k' }), () => client([]).orders.create(order, { headers: { 'idempotency-key': 'k' } })]) {
		assert.ok((await failureOf(call())) instanceof InputError);
		assert.equal(calls.length, 0);
	}
});
await proves('a key that would not arrive as it is, is refused before anything is sent', async () => {
	for (const key of ['', ' ', ' k', 'k ', '\u00e9', 'k\tk', 'k'.repeat(256)]) {
		assert.ok((await failureOf(client([]).orders.create(order, { idempotencyKey: key }))) instanceof InputError, key);
		assert.equal(calls.length, 0);
	}
});
await proves('a time-out that is none is refused', async () => {
	for (const timeoutSeconds of [0, -1, NaN]) {
		assert.throws(() => new Purser({ url, timeoutSeconds }), InputError);
		assert.ok((await failureOf(client([]).auth.whoami({}, { timeoutSeconds }))) instanceof InputError);
	}
});
await proves('the server is told which client asks, and in which version', async () => {
	await client([]).auth.whoami();
	assert.equal(calls[0].headers['user-agent'], `purser-typescript/${require('purser/package.json').version}`);
});
await proves("a fetch of the caller's own is called on nothing, as a browser's wants it", async () => {
	let on = 'nobody';
	await client([], { fetch: function (...call) { on = this; return fetch(...call); } }).auth.whoami();
	assert.equal(on, undefined);
});
await proves('blanks around an address are none of it', async () => {
	await client([], { url: ` ${url}/below/ \n` }).auth.whoami();
	assert.equal(calls[0].url, '/below/v1/auth/whoami');
});
await proves('an error is known by the classes of a CommonJS copy of the package, too, and the other way round', async () => {
	const other = require('purser');
	assert.notEqual(other.Purser, Purser);
	class Mine extends ProblemError {}
	const problems = [await failureOf(client([problem(409, 'conflict')]).auth.whoami()), await failureOf(new other.Purser({ url, token: 'gpra_x', fetch: async () => Response.json({}, { status: 409 }) }).auth.whoami())];
	for (const error of problems) {
		for (const copy of [{ PurserError, ProblemError }, other]) assert.ok(error instanceof copy.ProblemError && error instanceof copy.PurserError && error instanceof Error);
		for (const copy of [{ ConnectionError }, other]) assert.ok(!(error instanceof copy.ConnectionError));
		assert.ok(!(error instanceof Mine) && error.name === 'ProblemError');
	}
	assert.ok(new Mine(problems[0].problem, undefined) instanceof other.ProblemError);
	for (const none of [undefined, null, 5, {}, new Error('no')]) assert.ok(!(none instanceof PurserError));
});
await proves('no address is said before anything is sent', () => {
	delete process.env.PURSER_URL;
	assert.throws(() => new Purser(), /PURSER_URL/);
});
server.close();
server.closeAllConnections();
