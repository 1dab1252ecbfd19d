/**
 * Who may import what: the layers of the tool, bottom first. An arrow never points up, so that every room can be read
 * with only the rooms in its row known. A change here is a change of the architecture: docs/ARCHITECTURE.md says why.
 */

/** What one folder of `src/` may import, beside its own files. */
export interface ImportRule {
  /** Folders (`base`) or single files (`trace/record`) of `src/`; `*` is all of them. */
  readonly rooms: readonly string[];
  /** Node's modules and packages; one that ends in `/` stands for every path below it; `*` is all of them. */
  readonly packages: readonly string[];
}

/** Folder of `src/` → its rule. */
export const IMPORT_TABLE: Readonly<Record<string, ImportRule>> = {
  base: { rooms: [], packages: [] },
  trace: { rooms: ['base'], packages: ['node:zlib'] },
  figures: { rooms: ['base'], packages: [] },
  engine: { rooms: ['base', 'trace/record', 'trace/record-text', 'trace/fill-pages', 'figures'], packages: [] },
  // The effects name frames and contents by their rows: what is in a row is part of that interface.
  policy: { rooms: ['base', 'trace/record', 'figures', 'engine/effects', 'engine/layout'], packages: [] },
  query: { rooms: ['base', 'figures'], packages: [] },
  source: { rooms: ['base', 'trace'], packages: ['node:fs', 'node:fs/promises', 'node:path', 'chokidar'] },
  collect: {
    rooms: ['base', 'trace'],
    // Pages are hashed in threads.
    packages: ['node:fs', 'node:fs/promises', 'node:path', 'node:zlib', 'node:worker_threads'],
  },
  monitor: {
    rooms: ['base', 'trace', 'figures', 'engine', 'policy', 'query', 'source'],
    packages: ['node:worker_threads', 'node:perf_hooks', 'node:fs', 'node:fs/promises', 'node:path', 'node:url'],
  },
  views: { rooms: ['base', 'figures'], packages: [] },
  export: { rooms: ['base', 'figures', 'views'], packages: [] },
  ui: {
    rooms: ['base', 'figures', 'views', 'monitor/messages'],
    packages: ['ink', 'react', 'ink-table', 'blessed-contrib', 'blessed-contrib/'],
  },
  cli: { rooms: ['*'], packages: ['*'] },
};

/** Where `process` may be used: everything else is handed what it needs of it. */
export const PROCESS_ALLOWED: readonly string[] = ['cli/', 'monitor/worker.ts'];

/** Rooms whose results depend on their input alone: no clock, no chance (design: the engine is pure). */
export const PURE_ROOMS: readonly string[] = ['base', 'trace', 'figures', 'engine', 'policy', 'query', 'views'];

/** Where the bundle's threads begin. */
export const ENTRY_POINTS: readonly string[] = [
  'cli/main.ts',
  'monitor/worker.ts',
  'cli/replay-worker.ts',
  'cli/record-child.ts',
  'cli/record-watchdog.ts',
  'collect/processes/hash-worker.ts',
  'collect/labels/hash-worker.ts',
];

/** Packages that only the live screen needs: `--help` and plain output must not wait for them to load. */
export const LAZY_PACKAGES: readonly string[] = ['ink', 'react', 'ink-table', 'blessed-contrib', 'chokidar'];
