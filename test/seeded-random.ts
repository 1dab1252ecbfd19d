/** Tests and benches take it from here; it lies with the synthetic traces that are made with it. */
export { SeededRandom } from '../src/base/seeded-random.js';
