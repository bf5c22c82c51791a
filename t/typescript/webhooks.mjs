// Events as they were delivered: which of them the client trusts.

import { createHmac } from 'node:crypto';
import { InputError, PurserError, WebhookError, isEvent, verifyWebhook } from 'purser';
import { assert, failureOf, given, proves } from './sentences.mjs';

const { event, secret, other, now } = given;
const at = { now: new Date(now * 1000) };
const late = (seconds) => ({ now: new Date((now + seconds) * 1000) });
const refused = async (body, headers, by, options = at) => {
	const error = await failureOf(verifyWebhook(body, headers, by, options));
	assert.ok(error instanceof WebhookError && error instanceof PurserError, String(error));
	return error.message;
};

await proves('a delivery is proven, and its data is typed by its type', async () => {
	const told = await verifyWebhook(event.body, event.headers, secret, at);
	assert.equal(told.event_id, event.id);
	assert.ok(isEvent(told, 'order.settled') && !isEvent(told, 'limit.soft'));
	assert.equal(told.data.text, 'é €');
});
await proves('whether its body comes as text or as bytes, its headers as of fetch or of Node', async () => {
	const bytes = new TextEncoder().encode(event.body);
	const shouted = Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toUpperCase(), [value]]));
	for (const headers of [new Headers(event.headers), shouted]) assert.equal((await verifyWebhook(bytes, headers, secret, at)).event_id, event.id);
});
await proves('as an array buffer, too, but not as what was read as JSON already', async () => {
	const { buffer } = new Uint8Array(new TextEncoder().encode(event.body));
	assert.equal((await verifyWebhook(buffer, event.headers, secret, at)).event_id, event.id);
	assert.ok((await failureOf(verifyWebhook(JSON.parse(event.body), event.headers, secret, at))) instanceof InputError);
});
await proves('a stranger who sends many signatures has the body gone through once', async () => {
	const { prototype } = globalThis.crypto.subtle.constructor;
	const { sign, verify } = prototype;
	let count = 0;
	prototype.sign = function (...all) { count++; return sign.apply(this, all); };
	prototype.verify = function (...all) { count++; return verify.apply(this, all); };
	try {
		await refused(event.body, { ...event.headers, 'webhook-signature': Array(100).fill(`v1,${'A'.repeat(43)}=`).join(' ') }, secret);
	} finally {
		Object.assign(prototype, { sign, verify });
	}
	assert.equal(count, 1);
});
await proves('by either secret while one is rotated out', async () => {
	await verifyWebhook(event.body, event.headers, [other, secret], at);
	const twice = { ...event.headers, 'webhook-signature': `v1,${'A'.repeat(43)}= v2,x ${event.headers['webhook-signature']}` };
	await verifyWebhook(event.body, twice, secret, at);
});
await proves('a body that was changed is refused, and so is another secret', async () => {
	await refused(`${event.body} `, event.headers, secret);
	await refused('', event.headers, secret);
	await refused(event.body, event.headers, other);
	await refused(event.body, event.headers, []);
});
await proves('so is whatever else was signed', async () => {
	await refused(event.body, { ...event.headers, 'webhook-id': 'another' }, secret);
	await refused(event.body, { ...event.headers, 'webhook-timestamp': String(Number(event.headers['webhook-timestamp']) + 1) }, secret);
});
await proves('what is too old or ahead of time is refused', async () => {
	const sent = Number(event.headers['webhook-timestamp']) - now;
	await refused(event.body, event.headers, secret, late(sent + 301));
	await refused(event.body, event.headers, secret, late(sent - 301));
	await verifyWebhook(event.body, event.headers, secret, late(sent + 299));
	await refused(event.body, event.headers, secret, { ...late(sent + 11), toleranceSeconds: 10 });
	await refused(event.body, event.headers, secret, { ...late(sent), toleranceSeconds: NaN });
});
await proves('headers that are missing or are nonsense are refused', async () => {
	for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) assert.match(await refused(event.body, { ...event.headers, [name]: undefined }, secret), new RegExp(name));
	for (const time of ['soon', '1e9', '-1', ' ', '9'.repeat(400)]) await refused(event.body, { ...event.headers, 'webhook-timestamp': time }, secret);
	for (const signature of ['v1,', 'v1,***', 'v1', 'x', event.headers['webhook-signature'].replace('v1,', 'v2,')]) await refused(event.body, { ...event.headers, 'webhook-signature': signature }, secret);
});
await proves('what is signed, but no event, is refused as such', async () => {
	for (const body of ['', '{', 'null', '[]', '{}', '{"event_id":"1","event_type":"x","data":null}', '{"event_id":"1","event_type":"x","data":[]}', '{"event_id":"1","event_type":"x","data":{"n":9007199254740993}}']) {
		const digest = createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(`${event.headers['webhook-id']}.${event.headers['webhook-timestamp']}.${body}`).digest('base64');
		assert.match(await refused(body, { ...event.headers, 'webhook-signature': `v1,${digest}` }, secret), /no event/, body);
	}
});
await proves('a secret that is none is said to be so', async () => {
	for (const none of ['', 'whsec_', 'whsec_***']) assert.match(await refused(event.body, event.headers, none), /secret/);
});
