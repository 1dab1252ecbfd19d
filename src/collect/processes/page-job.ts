/** What is asked of the thread that reads pages, and what it answers. Plain data: it goes through a message port. */

/** Which of the pages of a range are looked at, by their entries in /proc/PID/pagemap. As a number in `ranges`. */
export const PAGE_RULE = {
  /** None: the range only keeps its place. */
  none: 0,
  /** Whatever is present: a guest's RAM. */
  present: 1,
  /** Present and anonymous: a page of a file that nobody changed is the page cache's, shared already. */
  anonymous: 2,
  /** Present and mapped by this process alone: shared memory that others map too is shared already. */
  exclusive: 3,
} as const;

/** Words of `ranges` for each range: first virtual page number, pages, rule. */
export const RANGE_WORDS = 3;
/** Frames of the layout of a process are handed out in units of this many pages, aligned in virtual memory. */
export const UNIT_PAGES = 64;
/** Pages of a transparent huge page. */
export const HUGE_PAGES = 512;
/** Halves of the hash that stand for "holds nothing" and "a zero page inside a huge page" in answers and in memory. */
export const NOTHING_LOW = 0;
export const HUGE_ZERO_LOW = 1;
/** In answers alone: not read, since it was not written. */
export const UNWRITTEN_LOW = 2;
export const MARK_HIGH = 0;

/** Read and hash. */
export interface ReadJob {
  /** File descriptors of the process's `mem` and `pagemap`, and of /proc/kpageflags (−1: not to be had). */
  readonly memFd: number;
  readonly pagemapFd: number;
  readonly kpageflagsFd: number;
  readonly ranges: Float64Array;
  /** The answer ends where this many bytes have been read. */
  readonly bytesMax: number;
  /** Without kpageflags: a whole, aligned 2 MiB of present pages is taken for a huge page. */
  readonly assumeHuge: boolean;
  /** 1 for each page of the ranges whose hash is known: read only if its soft-dirty bit is set. Null: all are read. */
  readonly known: Uint8Array | null;
}

/** How far the job got and what was there. */
export interface ReadAnswer {
  /** Pages of the ranges that the answer covers, from the first one on. */
  readonly visited: number;
  readonly bytesRead: number;
  /** Pages hashed, zero pages too. */
  readonly pagesHashed: number;
  /** Pages that pagemap shows and `mem` does not give: of devices, or gone meanwhile. They hold nothing. */
  readonly pagesUnreadable: number;
  readonly cpuMicros: number;
  /** Low and high halves of the hash of each visited page, or one of the marks above. */
  readonly hashes: Uint32Array<ArrayBuffer>;
  /** The address space is gone: the process ended, or executes another program. */
  readonly hasEnded: boolean;
}

/** Count what a pass will read. */
export interface CountJob {
  readonly pagemapFd: number;
  /** Ranges as above. */
  readonly ranges: Float64Array;
}

/** What is there. */
export interface CountAnswer {
  /** Pages that their rule lets be read. */
  readonly pages: number;
  /** Whole, aligned 2 MiB of such pages. */
  readonly fullHugeBlocks: number;
  /** For each range in turn, for each unit that it touches (by virtual page number / UNIT_PAGES): the pages there. */
  readonly unitPages: Uint8Array<ArrayBuffer>;
  readonly cpuMicros: number;
  readonly hasEnded: boolean;
}

/** A job on its way to a thread, and its answer. */
export type JobMessage =
  | { readonly id: number; readonly kind: 'read'; readonly job: ReadJob }
  | { readonly id: number; readonly kind: 'count'; readonly job: CountJob };
/** The answer to the job of that id; `problem` in place of an answer is one line. */
export type AnswerMessage =
  | { readonly id: number; readonly kind: 'read'; readonly answer: ReadAnswer }
  | { readonly id: number; readonly kind: 'count'; readonly answer: CountAnswer }
  | { readonly id: number; readonly kind: 'failed'; readonly problem: string };
