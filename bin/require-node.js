/*
 * Stops with one line when Node is older than package.json's "engines" ask for. ES5 and CommonJS (see package.json
 * beside this file), because a Node that is too old must be able to read it. Preload it with `node -r`, or require it.
 */
'use strict';

/** The parts of "20.19.1" or ">=20.19" as numbers; a missing part is 0. */
function versionParts(text) {
  var parts = String(text)
    .replace(/^[^0-9]*/, '')
    .split('.');
  return [parseInt(parts[0], 10) || 0, parseInt(parts[1], 10) || 0, parseInt(parts[2], 10) || 0];
}

/** True if `found` is `wanted` or newer. */
function isAtLeast(found, wanted) {
  var have = versionParts(found);
  var need = versionParts(wanted);
  for (var index = 0; index < 3; index += 1) {
    if (have[index] !== need[index]) return have[index] > need[index];
  }
  return true;
}

var wanted = require('../package.json').engines.node.replace(/^[^0-9]*/, '');
var found = process.versions.node;
if (!isAtLeast(found, wanted)) {
  var problem = 'sharetop needs Node ' + wanted + ' or newer; this is ' + found + ', ' + process.execPath;
  process.stderr.write(problem + '\n');
  process.exit(1);
}
