// The client as an ES module.

import * as purser from 'purser';
import { live } from './live.mjs';

await live(purser, 'import');
