// The OpenAPI document passes a linter's recommended rules without error or warning.
'use strict';
const { createConfig, lintFromString } = require('@redocly/openapi-core');
const { openapi, ok, done } = require('./common.cjs');

const rules = {
	// Rules off by intent:
	// a fixed path wins over a path with a parameter, and ids are ULIDs, so /v1/x/{id} and /v1/x/list do not collide;
	'no-ambiguous-paths': 'off',
	// the document is served by the very server it describes.
	'no-empty-servers': 'error',
	// Rules beyond the recommended:
	'operation-operationId-unique': 'error',
	'operation-operationId-url-safe': 'error',
	'operation-singular-tag': 'error',
	'no-unused-components': 'error',
	'no-invalid-schema-examples': 'error',
	'no-invalid-media-type-examples': 'error',
	'no-http-verbs-in-paths': 'off', // operations are named by verbs
	'path-parameters-defined': 'error',
	'parameter-description': 'off', // the schema of a parameter has it
	'tag-description': 'error',
};

(async () => {
	const config = await createConfig({ extends: ['recommended'], rules });
	const problems = await lintFromString({ source: openapi(), absoluteRef: 'openapi.json', config });
	const lines = problems.map((p) => `${p.severity} ${p.ruleId}: ${p.message} at ${p.location.map((l) => l.pointer).join(' ')}`);
	ok(problems.length === 0, 'the OpenAPI document has no fault that the linter knows', lines);
	done();
})();
