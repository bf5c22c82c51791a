// The client as a CommonJS module.
'use strict';

const purser = require('purser');

import('./live.mjs').then(({ live }) => live(purser, 'require'));
