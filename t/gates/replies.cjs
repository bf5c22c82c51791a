// Every reply that the suite has seen is one that the OpenAPI document declares: its status, its media type, its body.
'use strict';
const Ajv = require('ajv/dist/2020');
const addFormats = require('ajv-formats');
const { openapi, recordings, ok, done, skipAll } = require('./common.cjs');

if (!process.env.PURSER_RECORD) skipAll('PURSER_RECORD is not set: nothing was noted');

const document = JSON.parse(openapi());

// Clients have to live with new members; the suite does not: what is not declared is a fault.
for (const [name, schema] of Object.entries(document.components.schemas)) {
	if (name !== 'Problem' && schema.properties && schema.additionalProperties === undefined) {
		schema.additionalProperties = false;
	}
}

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
addFormats(ajv);
ajv.addFormat('int64', true);
ajv.addSchema(document, 'openapi.json');

const escape = (text) => text.replace(/~/g, '~0').replace(/\//g, '~1');
const validators = new Map();

function validator(pointer) {
	if (!validators.has(pointer)) validators.set(pointer, ajv.compile({ $ref: `openapi.json#${pointer}` }));
	return validators.get(pointer);
}

const templates = Object.keys(document.paths).map((path) => ({
	path,
	fixed: !path.includes('{'),
	matches: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`),
})).sort((a, b) => Number(b.fixed) - Number(a.fixed));

function decoded(path) {
	try {
		return decodeURIComponent(path);
	} catch {
		return path;
	}
}

function find(method, path) {
	const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
	for (const template of templates) {
		if (template.matches.test(decoded(path)) && document.paths[template.path][wanted]) {
			return { template: template.path, method: wanted };
		}
	}
	return null;
}

function resolve(pointer, node) {
	if (node && node.$ref) {
		const target = node.$ref.slice(1);
		return [target, target.split('/').slice(1).reduce((at, step) => at[step.replace(/~1/g, '/').replace(/~0/g, '~')], document)];
	}
	return [pointer, node];
}

function check(validate, text, what) {
	let value;
	try {
		value = JSON.parse(text);
	} catch (error) {
		return `${what}: no JSON: ${error.message}`;
	}
	if (validate(value)) return null;
	return `${what}: ${ajv.errorsText(validate.errors, { separator: '; ' })} in ${text.slice(0, 400)}`;
}

function checkBody(reply, validate) {
	if (!reply.utf8) return 'the body is no UTF-8';
	if (reply.media_type !== 'application/x-ndjson') return check(validate, reply.body, 'body');
	const lines = reply.body.split('\n');
	if (lines.pop() !== '' && reply.complete) return 'the last line has no end';
	for (const [index, line] of lines.entries()) {
		const fault = check(validate, line, `line ${index + 1}`);
		if (fault) return fault;
	}
	return null;
}

// A drawn or written form of the reply, which has no schema: whole, and what it says it is.
const forms = {
	'application/pdf': (reply) => (reply.body.startsWith('%PDF-') ? null : 'that is no PDF'),
	'text/csv': (reply) => (reply.utf8 && /^[a-z_]+(,[a-z_]+)*\r?\n/.test(reply.body) ? null : 'its first line names no columns'),
};

const bodiless = (reply) => reply.method === 'HEAD' || reply.status === 304 || reply.status === 204;

function checkDeclared(reply, at) {
	const base = `/paths/${escape(at.template)}/${at.method}/responses/${reply.status}`;
	const [pointer, response] = resolve(base, document.paths[at.template][at.method].responses[reply.status]);
	if (!response) return `status ${reply.status} is not declared`;
	if (bodiless(reply)) return reply.body === '' ? null : 'there is a body where none may be';
	if (!response.content || !response.content[reply.media_type]) return `media type ${reply.media_type} is not declared for ${reply.status}`;
	if (response.content[reply.media_type].schema.contentMediaType) return forms[reply.media_type](reply);
	return checkBody(reply, validator(`${pointer}/content/${escape(reply.media_type)}/schema`));
}

// What no operation answered: a refusal, and OPTIONS.
function checkStray(reply) {
	if (reply.method === 'OPTIONS' && reply.status === 204) {
		return reply.headers.allow && reply.body === '' ? null : 'OPTIONS without Allow, or with a body';
	}
	if (reply.status < 400) return `a ${reply.status} that is not declared`;
	if (reply.status === 405 && !reply.headers.allow) return 'a 405 without Allow';
	if (bodiless(reply)) return null;
	if (reply.media_type !== 'application/problem+json') return `${reply.status} as ${reply.media_type}`;
	return checkBody(reply, validator('/components/schemas/Problem'));
}

const groups = new Map();
let total = 0;

for (const reply of recordings()) {
	total++;
	const at = find(reply.method, reply.path);
	const stray = !at || reply.status === 405;
	const name = stray ? 'what no operation answers' : document.paths[at.template][at.method].operationId;
	let fault = stray ? checkStray(reply) : checkDeclared(reply, at);
	if (!fault && !reply.headers['x-request-id']) fault = 'no X-Request-Id';
	if (!groups.has(name)) groups.set(name, { count: 0, faults: [] });
	const group = groups.get(name);
	group.count++;
	if (fault) group.faults.push(`${reply.test}: ${reply.method} ${reply.path} ${reply.status}: ${fault}`);
}

ok(total > 0, `there are replies (${total})`);
for (const [name, group] of [...groups].sort()) {
	ok(group.faults.length === 0, `${name}: ${group.count} replies are as declared`, group.faults);
}
done();
