/** Wall time and timers, handed in so that tests decide when time passes. */
export interface Clock {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Runs once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** The machine's own clock. */
export const WALL_CLOCK: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
