/**
 * What every bench is made of: repeats after a warm-up, min, median and standard deviation, a hash of the result, and
 * the budget beside the figure. A subject is a file `bench/subjects/NAME.ts` that calls `subject` once; `run.mjs`
 * bundles it, runs it in a process of its own, and prints the figures that it reports as lines of JSON.
 *
 * Time is CPU time of the process unless a figure says otherwise: on a machine with other work, wall time measures the
 * neighbours. Threads of the garbage collector and the compiler count, so the figures err on the slow side.
 *
 * Not a goal: finding differences of a percent. For that run one subject alone, several times, on a quiet machine.
 */

/** A bound that the median of a figure must keep. */
export type Budget = { readonly atLeast: number } | { readonly atMost: number };

/** One line of the report. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** One value for each repeat. */
  readonly values: readonly number[];
  readonly budget?: Budget;
  /** Hash of what was computed: a bench that got faster by doing less shows another one. */
  readonly hash?: string;
  readonly note?: string;
}

/** CPU and wall seconds of one run. */
export interface Seconds {
  readonly cpu: number;
  readonly wall: number;
}

/** What a subject is given. */
export interface Bench {
  /** Inputs small enough for the check: nothing is concluded from such a run but that it works. */
  readonly small: boolean;
  /** Repeats after the warm-up. */
  readonly repeats: number;
  report(figure: Figure): void;
  /** Says that a part was left out, and why. */
  skip(name: string, reason: string): void;
}

/** Runs once and measures. */
export function timed(run: () => void): Seconds {
  const cpuBefore = process.cpuUsage();
  const wallBefore = performance.now();
  run();
  const wall = (performance.now() - wallBefore) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpu: (user + system) / 1e6, wall };
}

/** The smallest value that at least `percent` of the values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)];
}

/** Collects garbage twice, so that memories held by finalizers go too. Needs `node --expose-gc`. */
export function collectGarbage(): void {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) return;
  collect();
  collect();
}

/** FNV-1a over u32 words: small, and any change of a word shows. */
export class ResultHash {
  #state = 0x811c9dc5;

  add(value: number): this {
    this.#state = Math.imul(this.#state ^ (value >>> 0), 0x01000193);
    this.#state ^= this.#state >>> 15;
    return this;
  }

  addText(text: string): this {
    for (let i = 0; i < text.length; i++) this.add(text.charCodeAt(i));
    return this;
  }

  hex(): string {
    return (this.#state >>> 0).toString(16).padStart(8, '0');
  }
}

/** The one hash of several runs; throws if they differ, because then they did not compute the same. */
export function sameHash(hashes: readonly string[], what: string): string {
  const first = hashes[0];
  for (const hash of hashes) if (hash !== first) throw new Error(`${what}: results differ: ${hashes.join(', ')}`);
  return first;
}

/** Runs a subject with the arguments of the process. */
export async function subject(run: (bench: Bench) => Promise<void> | void): Promise<void> {
  const small = process.argv.includes('--small');
  const write = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  await run({
    small,
    repeats: small ? 1 : 3,
    report: (figure) => write({ figure }),
    skip: (name, reason) => write({ skipped: { name, reason } }),
  });
}
