/** Stand-in until the commands exist: enough for the bundle and its tests of packing. */
import { VERSION } from './version.js';

const [argument] = process.argv.slice(2);
if (argument === '--version' || argument === '-V') process.stdout.write(`${VERSION}\n`);
else process.stdout.write('Usage: sharetop [--version]\n');
