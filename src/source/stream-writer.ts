/** Writes records of one stream in either form. */
import { encodeNdjson } from '../trace/ndjson.js';
import { segmentFileName } from '../trace/segment-name.js';
import { SegmentWriter } from '../trace/segment-writer.js';
import type { StreamForm } from '../trace/stream-form.js';
import type { ByteSink } from './output-files.js';
import type { RecordRange } from './record-source.js';

/** The records of one stream, in order. What the sink throws goes through to the caller. */
export interface StreamWriter {
  readonly bytesWritten: number;
  append(range: RecordRange): void;
  /** Hands over what is packed, so that a reader sees it. */
  flush(): void;
  close(): void;
}

/** Where a stream's bytes go. */
export interface StreamPlace {
  /** Opens the file of this name, or the one place there is. */
  open(fileName: string): ByteSink;
  /** Several files, one after another, are allowed: a binary stream is then cut into segments. */
  readonly rotates: boolean;
}

const LINES_BYTES = 64 * 1024;

/** @param name of the stream, without an ending */
export function streamWriter(form: StreamForm, name: string, place: StreamPlace): StreamWriter {
  if (form === 'ndjson') return new LineWriter(place.open(`${name}.ndjson`));
  let sink: ByteSink | undefined;
  const segments = {
    open: (fileName: string) => (sink = place.open(fileName)),
    write: (bytes: Uint8Array) => sink?.write(bytes),
    close: () => sink?.close(),
  };
  if (place.rotates) return new BinaryWriter(new SegmentWriter(name, segments), segments, name);
  // One segment needs no opening, so nobody has to follow the state of the stream.
  const opening = (): void => undefined;
  const writer = new SegmentWriter(name, segments, { rotateBytes: Number.POSITIVE_INFINITY, opening });
  return new BinaryWriter(writer, segments, name);
}

class BinaryWriter implements StreamWriter {
  constructor(
    readonly writer: SegmentWriter,
    readonly segments: { open: (fileName: string) => ByteSink; close: () => void },
    readonly name: string,
  ) {}

  get bytesWritten(): number {
    return this.writer.bytesWritten;
  }

  append(range: RecordRange): void {
    this.writer.appendBlock(range);
  }

  flush(): void {
    this.writer.flush();
  }

  close(): void {
    this.writer.close();
    if (this.bytesWritten > 0) return;
    // No record: the stream is there all the same, as an empty file.
    this.segments.open(segmentFileName(this.name, 1));
    this.segments.close();
  }
}

class LineWriter implements StreamWriter {
  bytesWritten = 0;
  #text = '';
  #timeMicros = 0;
  readonly #encoder = new TextEncoder();

  constructor(readonly sink: ByteSink) {}

  append(range: RecordRange): void {
    this.#timeMicros = encodeNdjson(
      range,
      (line) => {
        this.#text += line;
        if (this.#text.length > LINES_BYTES) this.flush();
      },
      this.#timeMicros,
    );
  }

  flush(): void {
    if (this.#text === '') return;
    const bytes = this.#encoder.encode(this.#text);
    this.#text = '';
    this.bytesWritten += bytes.length;
    this.sink.write(bytes);
  }

  close(): void {
    this.flush();
    this.sink.close();
  }
}
