#!/usr/bin/env node
/* The command. Old syntax on purpose: the version check comes before anything that an old Node cannot read. */
'use strict';

require('./require-node.js');
require('./launch.js');
