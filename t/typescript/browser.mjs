// The client in a browser: a page of another origin than the API's imports the ES modules as they are.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { assert, given, proves } from './sentences.mjs';

const modules = new URL('.', import.meta.resolve ? await import.meta.resolve('purser') : new URL('node_modules/purser/dist/esm/', import.meta.url));
const page_html = '<!doctype html><html lang="en"><title>The client</title><script type="module" src="/page.js"></script>';
const page_js = "import * as purser from '/esm/index.js'; globalThis.purser = purser;";

const server = createServer((request, response) => {
	const { pathname } = new URL(request.url, 'http://page');
	const answer = (type, body) => response.writeHead(200, { 'Content-Type': type,
		'Content-Security-Policy': `default-src 'none'; script-src 'self'; connect-src ${given.api}` }).end(body);
	if (pathname === '/') return answer('text/html', page_html);
	if (pathname === '/page.js') return answer('text/javascript', page_js);
	if (/^\/esm\/[a-z]+\.js$/.test(pathname)) return answer('text/javascript', readFileSync(fileURLToPath(new URL(pathname.slice(5), modules))));
	return response.writeHead(404).end();
});
await new Promise((done) => server.listen(given.port, '127.0.0.1', done));

const browser = await chromium.launch({ executablePath: given.chromium, args: process.getuid() === 0 ? ['--no-sandbox'] : [] });
const context = await browser.newContext({ ignoreHTTPSErrors: true });
const page = await context.newPage();
const complaints = [];
const hosts = new Set();
page.on('pageerror', (error) => complaints.push(String(error)));
page.on('request', (request) => hosts.add(new URL(request.url()).origin));

/** Runs in the page, with the key of the organization. */
const there = (what, more = {}) => page.evaluate(what, { ...given, ...more });

async function opened(host) {
	await page.goto(`http://${host}:${given.port}/`);
	await page.waitForFunction(() => globalThis.purser !== undefined);
}

try {
	await proves('a browser imports the ES modules, under a policy that allows nothing else', async () => {
		await opened('127.0.0.1');
		assert.equal(await page.evaluate(() => typeof globalThis.purser.Purser), 'function');
	});
	await proves('a page of an origin that the API was told of calls it', async () => {
		assert.equal(await there(async ({ api, key }) => (await new purser.Purser({ url: api, token: key }).billing.credits.balance()).available), given.credits);
	});
	await proves('a page writes, and again with its own key', async () => {
		const [one, two] = await there(async ({ api, key }) => {
			const client = new purser.Purser({ url: api, token: key });
			const create = () => client.apiKeys.create({ name: 'browser', permissions: ['*:read'] }, { idempotencyKey: 'browser' });
			return [await create(), await create()];
		});
		assert.deepEqual(one, two);
		assert.ok(one.key.length > 40);
	});
	await proves('a page is told every fault, and who asks', async () => {
		const told = await there(({ api, key }) => new purser.Purser({ url: api, token: key }).apiKeys.create({ nmae: 'x', permissions: [] }, { requestId: 'from-a-page' })
			.catch((error) => ({ ours: error instanceof purser.ProblemError, code: error.code, id: error.requestId, pointers: error.errors.map((fault) => fault.pointer).sort() })));
		assert.deepEqual(told, { ours: true, code: 'invalid', id: 'from-a-page', pointers: ['/name', '/nmae', '/permissions'] });
	});
	await proves('a page can read when to come again', async () => {
		const seconds = await there(async ({ api, key }) => {
			const slow = await new purser.Purser({ url: api, token: key }).apiKeys.create({ name: 'slow', permissions: ['*:read'], rate_limit: 1 });
			const client = new purser.Purser({ url: api, token: slow.key, longestWaitSeconds: 0 });
			try {
				for (;;) await client.billing.credits.balance();
			} catch (error) {
				return error.retryAfterSeconds;
			}
		});
		assert.ok(seconds > 0 && seconds <= 60, `it read ${seconds}`);
	});
	await proves('a page sends items, loops over pages and over a stream, and gets documents', async () => {
		const told = await there(async ({ api, key }) => {
			const client = new purser.Purser({ url: api, token: key });
			const events = Array.from({ length: 500 }, (_, number) => ({ id: `page-${number}`, metric: 'requests', quantity: 1 }));
			const recorded = await client.usage.record(events);
			const looped = [], streamed = [];
			for await (const deed of client.apiKeys.list({ limit: 1 })) looped.push(deed.id);
			for await (const deed of client.apiKeys.list().stream()) streamed.push(deed.id);
			const csv = await client.organizations.commitments.statementAs('text/csv', { organization_id: (await client.organizations.current()).id, period: new Date().toISOString().slice(0, 7) });
			return { accepted: recorded.accepted, looped, streamed, csv: new TextDecoder().decode(csv) };
		});
		assert.equal(told.accepted, 500);
		assert.ok(told.looped.length > 1);
		assert.deepEqual(told.streamed, told.looped);
		assert.match(told.csv, /^section,/);
	});
	await proves('a page aborts', async () => {
		assert.equal(await there(({ api, key }) => {
			const controller = new AbortController();
			setTimeout(() => controller.abort(), 0);
			return new purser.Purser({ url: api, token: key }).orders.list({}, { signal: controller.signal }).then(() => 'it came', (error) => error.name);
		}), 'AbortError');
	});
	await proves('a page proves a webhook', async () => {
		const verdicts = await there(async ({ event, secret, now }) => Promise.all([event.body, `${event.body} `].map((body) =>
			purser.verifyWebhook(body, new Headers(event.headers), secret, { now: new Date(now * 1000) }).then((told) => told.event_type, (error) => error.name))));
		assert.deepEqual(verdicts, ['order.settled', 'WebhookError']);
	});
	await proves('a page asks nobody but its own server and the API, and nothing fails unseen', () => {
		assert.deepEqual([...hosts].sort(), [given.api, `http://127.0.0.1:${given.port}`].sort());
		assert.deepEqual(complaints, []);
	});
	await proves('a page of another origin is refused by the browser: a connection error', async () => {
		await opened('localhost');
		assert.equal(await there(({ api, key }) => new purser.Purser({ url: api, token: key, retries: 0 }).billing.credits.balance()
			.then(() => 'it came', (error) => error.name)), 'ConnectionError');
	});
} finally {
	await browser.close();
	server.close();
}
