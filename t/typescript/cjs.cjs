// The client as a CommonJS module.
'use strict';

const purser = require('purser');

process.exitCode = 1; // until it has come to its end
import('./live.mjs').then(({ live }) => live(purser, 'require')).then(() => { process.exitCode = 0; });
