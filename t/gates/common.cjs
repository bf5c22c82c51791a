// What the gates share: the OpenAPI document of this build, the notes of the suite, and TAP.
'use strict';
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

function openapi() {
	const program = path.join(process.env.PURSER_BUILD, 'purser-describe');
	return execFileSync(program, ['openapi'], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

function* recordings() {
	const directory = process.env.PURSER_RECORD;
	for (const name of fs.readdirSync(directory).sort()) {
		if (!name.endsWith('.ndjson')) continue;
		for (const line of fs.readFileSync(path.join(directory, name), 'utf8').split('\n')) {
			if (line !== '') yield JSON.parse(line);
		}
	}
}

let tests = 0;

function ok(holds, name, details = []) {
	tests++;
	console.log(`${holds ? 'ok' : 'not ok'} ${tests} - ${name.replace(/#/g, '')}`);
	for (const detail of details.slice(0, 20)) console.log(`# ${String(detail).replace(/\n/g, '\n# ')}`);
	if (!holds) process.exitCode = 1;
}

function done() {
	console.log(`1..${tests}`);
}

function skipAll(why) {
	console.log(`1..0 # SKIP ${why}`);
	process.exit(0);
}

module.exports = { openapi, recordings, ok, done, skipAll };
