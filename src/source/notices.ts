/** What a source has to tell beside its records: gaps, files it cannot read, what it waits for. */
const NOTICES_KEPT_MAX = 64;
/** A notice is shown for this long, ms. */
export const NOTICE_MS_MAX = 10 * 60_000;

/** One line for the user. */
export interface SourceNotice {
  /** Wall clock, ms. */
  readonly wallMs: number;
  /** File or directory. */
  readonly source: string;
  readonly text: string;
  /** Records are missing or may be: figures since then are to be taken with care. */
  readonly gap: boolean;
}

/** The newest notices that still matter; `count` and `gaps` count all there ever were. */
export class NoticeList {
  count = 0;
  gaps = 0;
  #kept: SourceNotice[] = [];

  /** @param now wall clock, ms; one that stands still keeps notices for ever */
  constructor(readonly now: () => number) {}

  /** Returns the notice, to `withdraw` when what it tells is mended. */
  add(source: string, text: string, gap: boolean): SourceNotice {
    const notice = { wallMs: this.now(), source, text, gap };
    this.count++;
    if (gap) this.gaps++;
    this.#kept.push(notice);
    if (this.#kept.length > NOTICES_KEPT_MAX) this.#kept.shift();
    return notice;
  }

  /** It is no longer so. A gap stays counted: the records are missing all the same. */
  withdraw(notice: SourceNotice | undefined): void {
    if (notice !== undefined) this.#kept = this.#kept.filter((each) => each !== notice);
  }

  /** Without those that are older than NOTICE_MS_MAX: old news hide the new. */
  get kept(): readonly SourceNotice[] {
    const since = this.now() - NOTICE_MS_MAX;
    if (this.#kept.length > 0 && this.#kept[0].wallMs < since) {
      this.#kept = this.#kept.filter(({ wallMs }) => wallMs >= since);
    }
    return this.#kept;
  }
}

/** Damage over all files of a source, with the file that each is in. */
export interface SourceDamage {
  readonly source: string;
  readonly place: string;
  readonly problem: string;
}
