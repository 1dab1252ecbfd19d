/**
 * Recordings of several guests, merged by time into one stream of records.
 *
 * Order at equal times: requests before snapshots and dumps, guests in command-line order, block traces with a domid
 * column behind those of one guest, rows in file order. A row that is older than the one before it in its file
 * keeps its time and its place: the engine applies it and counts it late.
 */
import { assert } from '../base/assert.js';
import { RecordBuffer } from '../trace/record-buffer.js';
import { TraceError } from '../trace/trace-error.js';
import { ImageContents } from './block-logs/image-blocks.js';
import { readXlFiles } from './host-counters/xl-files.js';
import { ImportInput } from './import-input.js';
import { type ExtraRun, readKsmExtra } from './ksm-extra.js';
import { ImportPlan, type ImportOptions } from './import-plan.js';
import { MemoryRecords } from './memory-records.js';
import { RequestRecords } from './request-records.js';

/** Records are handed on when there are about as many as a block of a segment holds. */
const DRAIN_WORDS = 12 * 1024;
const REQUESTS_PER_PROGRESS = 4096;

/** Takes the records; the buffer is cleared afterwards. */
export type RecordTaker = (records: RecordBuffer) => void;

/** How far an import is. */
export interface ImportProgress {
  /** Bytes of the input files on disk, and how many of them are read. */
  readonly bytesTotal: number;
  readonly bytesRead: number;
  readonly records: number;
  readonly snapshots: number;
  readonly dumps: number;
  readonly requests: number;
  readonly domains: number;
  /** Trace time reached, µs. */
  readonly timeMicros: number;
  /** The file that is looked through before anything is imported; the bytes are then those of this file alone. */
  readonly opens?: string;
}

const NOTHING_YET = { records: 0, snapshots: 0, dumps: 0, requests: 0, domains: 0, timeMicros: 0 };

/** What an import gave. */
export interface ImportResult extends ImportProgress {
  /** What a person must know of the files beside that, a line each, with its file. */
  readonly notes: readonly string[];
  /** Lines of logs that were left out because they are damaged. */
  readonly damagedLines: number;
}

/**
 * Reads all files of the options and hands their records to `take`, in order. Throws TraceError at the first input
 * that is missing, damaged or contradictory; what was handed on until then is a correct trace up to that time.
 */
export async function importRecordings(
  options: ImportOptions,
  take: RecordTaker,
  onProgress: (progress: ImportProgress) => void = () => undefined,
): Promise<ImportResult> {
  const inputs: ImportInput[] = [];
  let contents: ImageContents | undefined;
  try {
    for (const [i, path] of options.files.entries()) {
      inputs.push(
        await ImportInput.open(path, options, i, (part) => onProgress({ ...NOTHING_YET, ...part, opens: path })),
      );
    }
    const plan = new ImportPlan(inputs, options);
    contents = await ImageContents.open(options.imageFiles ?? new Map());
    for (const input of inputs) {
      if (!input.hasDomid) input.order = plan.guests.indexOf(plan.guestOf(input)) - plan.guests.length;
      await input.advance();
    }
    const importer = new Importer(plan, inputs, new RequestRecords(new RecordBuffer(), extrasOf(plan), contents), take);
    const writeXl = readXlFiles(options.xl ?? {});
    await importer.run(onProgress);
    importer.tell((out) => writeXl(out, (name) => plan.guests.find((guest) => guest.name === name)?.domid));
    return { ...importer.progress(), ...importer.findings() };
  } finally {
    for (const input of inputs) await input.close();
    contents?.close();
  }
}

/** The extra frames of each guest. A file that names none of the guests is not theirs. */
function extrasOf({ options, guests }: ImportPlan): ReadonlyMap<string, readonly ExtraRun[]> {
  if (options.ksmExtra === undefined) return new Map();
  const extras = readKsmExtra(options.ksmExtra);
  if (guests.some(({ name }) => extras.has(name))) return extras;
  throw new TraceError(options.ksmExtra, '', `names none of the guests: ${guests.map(({ name }) => name).join(', ')}`);
}

class Importer {
  readonly #out: RecordBuffer;
  readonly #memory: MemoryRecords;
  #records = 0;
  #snapshots = 0;
  #dumps = 0;
  #requests = 0;
  #timeMicros = 0;

  constructor(
    readonly plan: ImportPlan,
    readonly inputs: readonly ImportInput[],
    readonly requestRecords: RequestRecords,
    readonly take: RecordTaker,
  ) {
    this.#out = requestRecords.out;
    this.#memory = new MemoryRecords(this.#out, () => this.#drainIfMany());
  }

  async run(onProgress: (progress: ImportProgress) => void): Promise<void> {
    let input = earliest(this.inputs);
    this.#timeMicros = input?.timeMicros ?? 0;
    this.#out.time(this.#timeMicros);
    this.#out.host(this.plan.options.hostName, this.plan.options.hypervisor, this.plan.hostFrames);
    while (input !== undefined) {
      this.#timeMicros = input.timeMicros;
      this.#out.timeIfChanged(input.timeMicros);
      await this.#item(input, onProgress);
      this.#drainIfMany();
      if (input.content !== 'blocks' || this.#requests % REQUESTS_PER_PROGRESS === 0) onProgress(this.progress());
      await this.#keeping(input.advance());
      input = earliest(this.inputs);
    }
    this.#drain();
  }

  async #item(input: ImportInput, onProgress: (progress: ImportProgress) => void): Promise<void> {
    const { series, dump } = input;
    if (series !== undefined) {
      const guest = this.plan.guestOf(input);
      this.requestRecords.declare(guest);
      this.#memory.snapshot(guest, series);
      this.#snapshots++;
    } else if (dump !== undefined) {
      const guest = this.plan.guestOf(input);
      this.requestRecords.declare(guest);
      await this.#keeping(this.#memory.dump(guest, dump, () => onProgress(this.progress())));
      this.#dumps++;
    } else {
      const { request } = input.blocks;
      const guest = input.hasDomid ? this.plan.guestWithDomid(request.domid) : this.plan.guestOf(input);
      this.requestRecords.request(guest, this.plan.imageOf(guest, request.disk, input.hasDomid), request);
      this.#requests++;
    }
  }

  /** Writes what else is known, as of the time reached. */
  tell(write: (out: RecordBuffer) => void): void {
    write(this.#out);
    this.#drain();
  }

  /** What came before damage is part of the trace. */
  async #keeping(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#drain();
      throw error;
    }
  }

  findings(): Pick<ImportResult, 'notes' | 'damagedLines'> {
    const notes: string[] = [];
    let damagedLines = 0;
    for (const { path, trace, dump } of this.inputs) {
      if (dump !== undefined && dump.head.note !== '') notes.push(`${path}: ${dump.head.note}`);
      for (const note of trace?.notes ?? []) notes.push(`${path}: ${note}`);
      damagedLines += trace?.damagedLines ?? 0;
    }
    for (const disk of this.plan.unmetDisks) notes.push(`--image ${disk}: no request is of this disk`);
    notes.push(...this.requestRecords.contents.notes);
    return { notes, damagedLines };
  }

  progress(): ImportProgress {
    let bytesTotal = 0;
    let bytesRead = 0;
    for (const input of this.inputs) {
      bytesTotal += input.sizeBytes;
      bytesRead += input.bytesRead;
    }
    const items = { snapshots: this.#snapshots, dumps: this.#dumps, requests: this.#requests };
    const counts = { records: this.#records, ...items };
    return { bytesTotal, bytesRead, ...counts, domains: this.requestRecords.domains, timeMicros: this.#timeMicros };
  }

  #drain(): void {
    if (this.#out.recordCount === 0) return;
    this.#records += this.#out.recordCount;
    this.take(this.#out);
    this.#out.clear();
  }

  #drainIfMany(): void {
    if (this.#out.wordCount > DRAIN_WORDS) this.#drain();
  }
}

/** The input whose item comes next; undefined at the end of all. */
function earliest(inputs: readonly ImportInput[]): ImportInput | undefined {
  let best: ImportInput | undefined;
  for (const input of inputs) {
    if (input.ended) continue;
    if (best === undefined || isBefore(input, best)) best = input;
  }
  return best;
}

function isBefore(a: ImportInput, b: ImportInput): boolean {
  assert(a !== b, 'two inputs');
  if (a.mergeMicros !== b.mergeMicros) return a.mergeMicros < b.mergeMicros;
  if ((a.content === 'blocks') !== (b.content === 'blocks')) return a.content === 'blocks';
  return a.order < b.order;
}
