/** What a source has to tell beside its records: gaps, files it cannot read, what it waits for. */
const NOTICES_KEPT_MAX = 64;

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

/** The newest notices; `count` and `gaps` count all. */
export class NoticeList {
  count = 0;
  gaps = 0;
  readonly kept: SourceNotice[] = [];

  /** @param now wall clock, ms */
  constructor(readonly now: () => number) {}

  add(source: string, text: string, gap: boolean): void {
    this.count++;
    if (gap) this.gaps++;
    this.kept.push({ wallMs: this.now(), source, text, gap });
    if (this.kept.length > NOTICES_KEPT_MAX) this.kept.shift();
  }
}

/** Damage over all files of a source, with the file that each is in. */
export interface SourceDamage {
  readonly source: string;
  readonly place: string;
  readonly problem: string;
}
