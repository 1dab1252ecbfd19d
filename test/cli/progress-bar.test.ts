import { expect, test } from 'vitest';
import { progressText } from '../../src/cli/progress-bar.js';

test.each([
  [0, 100, 0.5, '[                    ] 0 %'],
  [50e6, 200e6, 0.5, '[#####               ] 25 %'],
  [50e6, 200e6, 5, '[#####               ] 25 %, 10 MB/s, 0:15 left'],
  [1e6, 1001e6, 2, '[                    ] 0 %, 0.5 MB/s, 33:20 left'],
  [1e9, 1e13, 100, '[                    ] 0 %, 10 MB/s, 277:45:00 left'],
  [7, 7, 3, '[####################] 100 %, 0.0 MB/s, 0:00 left'],
  [0, 0, 3, '[####################] 100 %'],
  [9, 7, 0.1, '[####################] 100 %'],
])('%d of %d bytes in %d s', (done, total, seconds, text) => {
  expect(progressText(done, total, seconds)).toBe(text);
});
