/**
 * esbuild plugins that make one self-contained bundle of packages that were not written for it. Each replaces as
 * little as it can; `test/build-chart.test.ts` draws with the result.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);

/**
 * React's developer tools: Ink loads them, with a WebSocket library, if a user's environment has DEV=true. They are not
 * in the bundle; that file of Ink becomes empty.
 */
const withoutDevtools = {
  name: 'without-devtools',
  setup(build) {
    build.onLoad({ filter: /[\\/]ink[\\/]build[\\/]devtools\.js$/ }, () => ({ contents: '', loader: 'js' }));
  },
};

/** `string-width`, in whichever version a package asks for it, becomes our fast path in front of Ink's version. */
const fastStringWidth = {
  name: 'fast-string-width',
  setup(build) {
    const fast = path.join(here, 'string-width-fast.mjs');
    build.onResolve({ filter: /^string-width$/ }, async (request) => {
      if (request.pluginData === 'original') return undefined;
      if (request.importer !== fast) return { path: fast };
      const ink = await build.resolve('ink', { kind: 'import-statement', resolveDir: here });
      const resolveDir = path.dirname(ink.path);
      return build.resolve('string-width', { kind: request.kind, resolveDir, pluginData: 'original' });
    });
  },
};

/**
 * blessed-contrib draws its charts on a canvas of characters; of blessed it needs the element under that canvas and
 * nothing of terminals, terminfo or input. blessed loads its widgets by computed names, which no bundler can follow,
 * so contrib gets these two classes from static requires, and the screen that they ask for does not exist: the caller
 * hands in a stand-in (docs/decisions/0002-charts.md).
 */
const slimBlessed = {
  name: 'slim-blessed',
  setup(build) {
    const contribRoot = path.dirname(require.resolve('blessed-contrib/package.json', { paths: [here] }));
    const virtual = (name) => ({ path: name, namespace: 'slim-blessed' });

    build.onResolve({ filter: /^blessed$/ }, (request) => {
      if (request.importer.includes(`${path.sep}blessed-contrib${path.sep}`)) return virtual('blessed');
      const text = 'blessed is in the bundle only as far as the charts need it; see docs/decisions/0002-charts.md';
      return { errors: [{ text }] };
    });
    build.onResolve({ filter: /^blessed-contrib$/ }, () => virtual('blessed-contrib'));
    build.onResolve({ filter: /^lodash$/ }, (request) =>
      request.importer.startsWith(contribRoot) ? virtual('lodash') : undefined,
    );
    build.onResolve({ filter: /^(\.\/(widgets\/)?screen|\.\.\/)$/ }, (request) => {
      if (!/[\\/]blessed[\\/]lib[\\/]/.test(request.importer)) return undefined;
      return virtual(request.path.endsWith('screen') ? 'screen' : 'blessed');
    });

    const contents = new Map([
      [
        'blessed',
        `const Node = require('blessed/lib/widgets/node');
         const Element = require('blessed/lib/widgets/element');
         const Box = require('blessed/lib/widgets/box');
         module.exports = { Node, Element, Box, box: Box };`,
      ],
      [
        'blessed-contrib',
        `exports.line = require('blessed-contrib/lib/widget/charts/line.js');
         exports.donut = require('blessed-contrib/lib/widget/donut.js');
         exports.gauge = require('blessed-contrib/lib/widget/gauge.js');`,
      ],
      ['lodash', `exports.max = require('lodash/max');`],
      ['screen', `exports.total = 0; exports.global = null; exports.instances = [];`],
    ]);
    build.onLoad({ filter: /.*/, namespace: 'slim-blessed' }, (file) => ({
      contents: contents.get(file.path),
      loader: 'js',
      resolveDir: contribRoot,
    }));

    // `new Buffer(size)` prints a deprecation warning into the terminal as soon as it is not under node_modules.
    build.onLoad({ filter: /[\\/](drawille-blessed-contrib|ansi-term)[\\/]index\.js$/ }, async (file) => ({
      contents: (await readFile(file.path, 'utf8')).replaceAll('new Buffer(', 'Buffer.alloc('),
      loader: 'js',
    }));
  },
};

/** All of them, in an order that does not matter. */
export const plugins = [withoutDevtools, fastStringWidth, slimBlessed];
