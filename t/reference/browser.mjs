// The reference as a reader has it: Chromium opens pages of each kind, searches, chooses languages, and axe-core looks for
// what would keep somebody out.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { assert, given, proves } from './sentences.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: given.chromium, args: process.getuid() === 0 ? ['--no-sandbox'] : [] });
const complaints = [];
const hosts = new Set();
const wide = { width: 1280, height: 900 };
const narrow = { width: 390, height: 844 };

async function opened(options) {
	const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: wide, ...options });
	const page = await context.newPage();
	page.on('pageerror', (error) => complaints.push(String(error)));
	page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
	page.on('requestfailed', (request) => {
		const why = request.failure()?.errorText;
		if (why !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${why}`); // which is what leaving a page does
	});
	page.on('request', (request) => hosts.add(new URL(request.url()).origin));
	return page;
}

const there = (page, name) => page.goto(given.url + name, { waitUntil: 'load' });
const shown = (page) => page.locator('#found a').evaluateAll((all) => all.map((one) => one.querySelector('b').textContent));
const waitFor = (page, text) => page.locator('#told').filter({ hasText: text }).waitFor({ state: 'attached' });

// What axe-core calls serious or critical. It is run by the browser, not by the page, whose policy lets no other script in.
async function barriers(page) {
	await page.evaluate(axe);
	const { violations } = await page.evaluate(() => globalThis.axe.run());
	return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
		.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3).join(' ')}`);
}

try {
	await proves('the search finds an operation, and Enter opens it', async () => {
		const page = await opened({});
		await there(page, 'guides/first-five-minutes.html');
		await page.keyboard.press('/');
		assert.equal(await page.evaluate(() => document.activeElement.id), 'search');
		await page.keyboard.type('orders.set');
		await waitFor(page, /result/);
		assert.equal((await shown(page))[0], 'orders.settle');
		await page.keyboard.press('Enter');
		await page.waitForURL(/orders\.html#orders\.settle$/);
		assert.ok(await page.locator('section[id="orders.settle"] h2').isVisible());
		await page.context().close();
	});
	await proves('the search finds by words of a sentence, by a field, a guide, an event, a problem; and the beginnings of words do', async () => {
		const page = await opened({});
		await there(page, 'index.html');
		const first = async (text) => {
			await page.fill('#search', '');
			await waitFor(page, /^$/);
			await page.fill('#search', text);
			await waitFor(page, /result/);
			return shown(page);
		};
		assert.ok((await first('charge order deliv')).includes('orders.settle'));
		assert.ok((await first('unit_credits')).includes('orders.create'));
		assert.ok((await first('first five')).some((name) => /first five minutes/i.test(name)));
		assert.deepEqual((await first('topup')).slice(0, 1), ['billing.topup']); // rather than an event
		assert.ok((await first('insufficient')).includes('insufficient_credits'));
		assert.ok((await first('order.settled')).includes('order.settled'));
		assert.deepEqual(await first('zzzz nothing is called so'), []);
		assert.equal(await page.locator('#told').textContent(), '0 results');
		await page.context().close();
	});
	await proves('the arrows choose among what was found, the choice is told to a screen reader, and Escape closes it', async () => {
		const page = await opened({});
		await there(page, 'orders.html');
		await page.fill('#search', 'list');
		await waitFor(page, /results/);
		const names = await shown(page);
		const active = () => page.evaluate(() => document.getElementById(document.getElementById('search').getAttribute('aria-activedescendant'))?.querySelector('b').textContent);
		assert.equal(await active(), names[0]);
		await page.keyboard.press('ArrowDown');
		assert.equal(await active(), names[1]);
		await page.keyboard.press('ArrowUp');
		await page.keyboard.press('ArrowUp');
		assert.equal(await active(), names.at(-1));
		assert.equal(await page.getAttribute('#search', 'aria-expanded'), 'true');
		assert.deepEqual(await barriers(page), []);
		await page.keyboard.press('Escape');
		assert.ok(await page.locator('#found').isHidden());
		assert.equal(await page.getAttribute('#search', 'aria-expanded'), 'false');
		await page.context().close();
	});
	await proves('a language that is chosen once is chosen in every example, and on the next page', async () => {
		const page = await opened({});
		await there(page, 'orders.html');
		assert.ok(await page.locator('[id="orders.create"] pre[data-language=curl]').isVisible());
		await page.locator('label[for="orders.create-python"]').click();
		for (const id of ['orders.create', 'orders.list']) {
			assert.ok(await page.locator(`[id="${id}"] pre[data-language=python]`).isVisible(), id);
			assert.ok(await page.locator(`[id="${id}"] pre[data-language=curl]`).isHidden(), id);
		}
		await there(page, 'api_keys.html');
		assert.ok(await page.locator('[id="api_keys.create"] pre[data-language=python]').isVisible());
		await page.context().close();
	});
	await proves('a program is copied as it is shown', async () => {
		const page = await opened({ permissions: ['clipboard-read', 'clipboard-write'] });
		await there(page, 'orders.html');
		await page.locator('label[for="orders.create-cli"]').click();
		await page.locator('[id="orders.create"] .copy').click();
		await waitFor(page, /^Copied$/);
		assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await page.locator('[id="orders.create"] pre[data-language=cli]').textContent());
		await page.context().close();
	});
	await proves('without a script the languages can be chosen, the contents opened, and no search is offered', async () => {
		const page = await opened({ javaScriptEnabled: false, viewport: narrow });
		await there(page, 'orders.html');
		assert.ok(await page.locator('#search').isHidden());
		assert.ok(await page.locator('nav a').first().isHidden());
		await page.locator('label[for=menu]').click();
		assert.ok(await page.locator('nav a').first().isVisible());
		await page.locator('label[for="orders.create-typescript"]').click();
		assert.ok(await page.locator('[id="orders.create"] pre[data-language=typescript]').isVisible());
		await page.context().close();
	});
	for (const [colorScheme, kinds] of [['light', given.kinds], ['dark', given.dark]]) {
		await proves(`axe-core finds nothing serious on a page of any kind, ${colorScheme}`, async () => {
			const page = await opened({ colorScheme });
			for (const kind of kinds) {
				await there(page, kind);
				assert.deepEqual(await barriers(page), [], kind);
			}
			await page.context().close();
		});
	}
	await proves('on a phone no page is wider than the screen, and axe-core finds nothing serious with the contents open', async () => {
		const page = await opened({ viewport: narrow, hasTouch: true, isMobile: true });
		for (const name of given.narrow) {
			await there(page, name);
			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), name);
		}
		await there(page, 'orders.html');
		await page.locator('label[for=menu]').click();
		assert.deepEqual(await barriers(page), []);
		await page.context().close();
	});
	await proves('nothing was asked of anybody else, and nothing failed', () => {
		assert.deepEqual([...hosts], [new URL(given.url).origin]);
		assert.deepEqual(complaints, []);
	});
	if (given.screenshots !== '') {
		await proves('the pages are there to be looked at', async () => {
			for (const colorScheme of ['light', 'dark']) for (const viewport of [narrow, wide]) {
				const page = await opened({ colorScheme, viewport });
				for (const name of [...given.kinds, 'orders.html#orders.create']) {
					await there(page, name);
					await page.screenshot({ path: `${given.screenshots}/${name.replace(/[^a-z0-9]+/gi, '-')}-${viewport.width}-${colorScheme}.png` });
				}
				await page.context().close();
			}
		});
	}
} finally {
	await browser.close();
}
