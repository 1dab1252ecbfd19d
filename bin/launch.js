/* Loads the bundle; a file of its own because the `import()` below does not parse on the oldest versions of Node. */
'use strict';

var fs = require('fs');
var path = require('path');

var root = path.dirname(__dirname);
if (fs.existsSync(path.join(root, 'dist', 'cli.js'))) {
  import('../dist/cli.js');
} else {
  process.stderr.write('sharetop: dist/cli.js is missing; run `npm run build` or `npm start` in ' + root + '\n');
  process.exit(1);
}
