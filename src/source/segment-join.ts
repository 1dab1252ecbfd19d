/** How a segment follows the one before it: whether a reader of both has missed anything between the two. */
import type { TraceDecoder } from '../trace/decoder.js';
import type { NoticeList } from './notices.js';
import { SegmentDecoder } from '../trace/segment-decoder.js';

/**
 * Keeps, for one stream, what was read of the last segment. A reader that knows the whole state and has read as far as
 * the next segment says that it goes on from is *in step*: it skips the opening. Else the opening is read, which mends
 * what was missed.
 *
 * A segment whose header is torn holds nothing and is passed over.
 */
export class SegmentJoin {
  /** The last segment; '' if there is none, or if it is known that something is missing behind it. */
  #path = '';
  /** Nothing is missing of the stream's state up to the end of what was read. */
  #isStateKnown = false;
  #wholeBytes = 0;
  #tornBytes = 0;

  /** @param notices where gaps are told */
  constructor(readonly notices: NoticeList) {}

  /** A decoder for the next segment. */
  newDecoder(path: string): SegmentDecoder {
    const decoder: SegmentDecoder = new SegmentDecoder(path, {
      onHeader: (header) => {
        decoder.skipOpening = this.#follow(header?.previousBytes ?? 0);
      },
    });
    return decoder;
  }

  /** Something is missing behind what was read, and was told. */
  break(): void {
    this.#path = '';
    this.#isStateKnown = false;
  }

  /** The reader is done with a segment of which it has read so many bytes; `end` was called and it is drained. */
  leave(path: string, decoder: TraceDecoder, readBytes: number): void {
    const torn = decoder.tornTailBytes;
    const isPassedOver = torn === readBytes && decoder.damagedBlocks === 0;
    if (isPassedOver) return;
    this.#path = path;
    this.#tornBytes = torn;
    this.#wholeBytes = readBytes - torn;
    this.#isStateKnown = decoder.damagedBlocks === 0 && (decoder.skipOpening || decoder.openingPassed);
  }

  /** Returns whether the reader is in step. `previousBytes`: as the header says, 0 if it does not. */
  #follow(previousBytes: number): boolean {
    if (this.#path === '') return false;
    const torn = this.#tornBytes;
    const lacking = previousBytes - this.#wholeBytes;
    if (previousBytes === 0 ? torn === 0 : lacking === 0) return this.#isStateKnown;
    let problem = `ends inside a block (${torn} bytes of it are there)`;
    if (torn === 0)
      problem = lacking > 0 ? `lacks its last ${lacking} bytes` : 'was read further than its recorder knew';
    this.notices.add(this.#path, problem, true);
    return false;
  }
}
