/** Reads that are cold: a domain's own first eligible one of a block, in its life. As DlpsFigures has them. */
interface ColdReads {
  readsCold: number;
  readsAvoidedCold: number;
}

/** Counts them for each life and in all, with a text for each block. */
export class SlowColdReads<Life> {
  readonly all: ColdReads = { readsCold: 0, readsAvoidedCold: 0 };
  readonly #lives = new Map<Life, { blocks: Set<string>; counts: ColdReads }>();

  of(life: Life): ColdReads {
    return this.#lives.get(life)?.counts ?? { readsCold: 0, readsAvoidedCold: 0 };
  }

  read(life: Life, block: string, isAvoided: boolean): void {
    const state = this.#lives.get(life) ?? { blocks: new Set(), counts: { readsCold: 0, readsAvoidedCold: 0 } };
    this.#lives.set(life, state);
    if (state.blocks.has(block)) return;
    state.blocks.add(block);
    for (const counts of [this.all, state.counts]) {
      counts.readsCold++;
      if (isAvoided) counts.readsAvoidedCold++;
    }
  }
}
