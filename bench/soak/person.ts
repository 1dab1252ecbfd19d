/** Somebody at the terminal: a key now and then, another size of the window, never one that quits or suspends. */
import { SeededRandom } from '../../test/seeded-random.js';
import type { Pty } from '../pty.js';

const KEYS = [
  ...['j', 'k', '\x1b[A', '\x1b[B', '\x1b[5~', '\x1b[6~', 'g', 'G', '\t', '\x1b[Z', '\x1b[C', '\x1b[D'],
  ...['\r', '\r', '\x1b', '\x1b', 's', 'S', 't', 'P', '0', 'u', '?', ' ', '\x0c', 'v', '1', '2', '3', '4'],
] as const;
const SIZES = [
  [80, 24],
  [120, 30],
  [200, 60],
  [60, 20],
  [40, 10],
  [160, 45],
] as const;
const KEY_MS_MIN = 150;
const KEY_MS_MAX = 1_500;
const KEYS_PER_RESIZE = 25;

/** Presses keys until `stop`. */
export class Person {
  keys = 0;
  resizes = 0;
  readonly #random: SeededRandom;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pty: Pty,
    seed: number,
  ) {
    this.#random = new SeededRandom(seed ^ 0x4b455953);
    this.#next();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #next(): void {
    const random = this.#random;
    this.#timer = setTimeout(
      () => {
        this.pty.write(KEYS[random.below(KEYS.length)]);
        this.keys++;
        if (this.keys % KEYS_PER_RESIZE === 0) {
          const [columns, rows] = SIZES[random.below(SIZES.length)];
          this.pty.resize(columns, rows);
          this.resizes++;
        }
        this.#next();
      },
      KEY_MS_MIN + random.below(KEY_MS_MAX - KEY_MS_MIN),
    );
  }
}
