/**
 * Recordings of several guests, merged by time into one stream of records.
 *
 * Order at equal times: requests before snapshots, guests in command-line order, block traces with a domid column
 * behind those of one guest, rows in file order. A row that is older than the one before it in its file keeps its time
 * and its place: the engine applies it and counts it late.
 *
 * What a series does not say is taken so: a guest's memory was full of zero pages before its first snapshot, and its
 * zero pages lie in transparent huge pages (fill class thpZero), which is what the counters of the real KSM on such a
 * recording show.
 */
import { assert } from '../base/assert.js';
import { FillPacker } from '../trace/fill-packer.js';
import { RecordBuffer } from '../trace/record-buffer.js';
import { FILL_CLASS, ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../trace/record.js';
import { TraceError } from '../trace/trace-error.js';
import { ImportInput } from './import-input.js';
import { type ExtraRun, readKsmExtra } from './ksm-extra.js';
import { ImportPlan, type ImportGuest, type ImportOptions, LOGS_DEFAULT } from './import-plan.js';
import type { PageHashSeries } from './page-hash-series.js';
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
  readonly requests: number;
  readonly domains: number;
  /** Trace time reached, µs. */
  readonly timeMicros: number;
}

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
  try {
    for (const [i, path] of options.files.entries()) {
      inputs.push(await ImportInput.open(path, options.offsetsMicros.get(path) ?? 0, i, options.logs ?? LOGS_DEFAULT));
    }
    const plan = new ImportPlan(inputs, options);
    for (const input of inputs) {
      if (!input.hasDomid) input.order = plan.guests.indexOf(plan.guestOf(input)) - plan.guests.length;
      await input.advance();
    }
    const importer = new Importer(plan, inputs, extrasOf(plan), take);
    await importer.run(onProgress);
    return { ...importer.progress(), ...importer.findings() };
  } finally {
    for (const input of inputs) await input.close();
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
  readonly #out = new RecordBuffer();
  readonly #requestRecords: RequestRecords;
  readonly #seenGuests = new Set<ImportGuest>();
  #records = 0;
  #snapshots = 0;
  #requests = 0;
  #timeMicros = 0;

  constructor(
    readonly plan: ImportPlan,
    readonly inputs: readonly ImportInput[],
    extras: ReadonlyMap<string, readonly ExtraRun[]>,
    readonly take: RecordTaker,
  ) {
    this.#requestRecords = new RequestRecords(this.#out, extras);
  }

  async run(onProgress: (progress: ImportProgress) => void): Promise<void> {
    let input = earliest(this.inputs);
    this.#timeMicros = input?.timeMicros ?? 0;
    this.#out.time(this.#timeMicros);
    this.#out.host(this.plan.options.hostName, this.plan.options.hypervisor, this.plan.hostFrames);
    while (input !== undefined) {
      this.#timeMicros = input.timeMicros;
      this.#out.timeIfChanged(input.timeMicros);
      if (input.series !== undefined) {
        this.#snapshot(this.plan.guestOf(input), input.series);
        this.#snapshots++;
      } else {
        const { request } = input.blocks;
        const guest = input.hasDomid ? this.plan.guestWithDomid(request.domid) : this.plan.guestOf(input);
        this.#requestRecords.request(guest, this.plan.imageOf(guest, request.disk, input.hasDomid), request);
        this.#requests++;
      }
      if (this.#out.wordCount > DRAIN_WORDS) this.#drain();
      if (input.series !== undefined || this.#requests % REQUESTS_PER_PROGRESS === 0) onProgress(this.progress());
      await this.#advance(input);
      input = earliest(this.inputs);
    }
    this.#drain();
  }

  /** What came before damage is part of the trace. */
  async #advance(input: ImportInput): Promise<void> {
    try {
      await input.advance();
    } catch (error) {
      this.#drain();
      throw error;
    }
  }

  findings(): Pick<ImportResult, 'notes' | 'damagedLines'> {
    const notes: string[] = [];
    let damagedLines = 0;
    for (const { path, trace } of this.inputs) {
      for (const note of trace?.notes ?? []) notes.push(`${path}: ${note}`);
      damagedLines += trace?.damagedLines ?? 0;
    }
    for (const disk of this.plan.unmetDisks) notes.push(`--image ${disk}: no request is of this disk`);
    return { notes, damagedLines };
  }

  progress(): ImportProgress {
    let bytesTotal = 0;
    let bytesRead = 0;
    for (const input of this.inputs) {
      bytesTotal += input.file.sizeBytes;
      bytesRead += input.file.packedBytesRead;
    }
    const counts = { records: this.#records, snapshots: this.#snapshots, requests: this.#requests };
    return { bytesTotal, bytesRead, ...counts, domains: this.#requestRecords.domains, timeMicros: this.#timeMicros };
  }

  #drain(): void {
    if (this.#out.recordCount === 0) return;
    this.#records += this.#out.recordCount;
    this.take(this.#out);
    this.#out.clear();
  }

  #snapshot(guest: ImportGuest, series: PageHashSeries): void {
    this.#requestRecords.declare(guest);
    const { gfns, hashes } = series;
    if (!this.#seenGuests.has(guest)) {
      this.#seenGuests.add(guest);
      this.#out.fillRun(guest.domid, 0, guest.frames, ZERO_HASH_LOW, ZERO_HASH_HIGH, FILL_CLASS.thpZero);
    }
    const packer = new FillPacker(this.#out, guest.domid);
    for (let i = 0; i < gfns.length; i++) {
      const low = hashes[2 * i];
      const high = hashes[2 * i + 1];
      const zero = low === ZERO_HASH_LOW && high === ZERO_HASH_HIGH;
      packer.add(gfns[i], 1, low, high, zero ? FILL_CLASS.thpZero : FILL_CLASS.plain);
      if (this.#out.wordCount > DRAIN_WORDS) this.#drain();
    }
    packer.flush();
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
  if (a.content !== b.content) return a.content === 'blocks';
  return a.order < b.order;
}
