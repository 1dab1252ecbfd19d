/** The figures that three implementations must agree on, in one shape. Frames of 4 KiB; contents. */
export interface ScaleFigures {
  readonly host: {
    readonly known: number;
    readonly zero: number;
    readonly unknown: number;
    readonly distinct: number;
    readonly shared: number;
    readonly potential: number;
    readonly self: number;
    readonly inter: number;
  };
  /** By domid, ascending. */
  readonly domains: readonly {
    readonly domid: number;
    readonly known: number;
    readonly zero: number;
    readonly unknown: number;
    readonly distinct: number;
    /** To a thousandth of a frame. */
    readonly fair: number;
  }[];
  /** `a|b` → contents that both hold, for the pairs of `pairsOf`. */
  readonly pairs: Readonly<Record<string, number>>;
}

/** Pairs that are compared: the first four domains with one another. */
export function comparedPairs(domains: number): readonly (readonly [number, number])[] {
  const some = Array.from({ length: Math.min(4, domains) }, (_, i) => i + 1);
  return some.flatMap((a) => some.filter((b) => b > a).map((b) => [a, b] as const));
}

/** A fair share as it is compared: sums in another order differ in the last digits. */
export function rounded(fair: number): number {
  return Math.round(fair * 1e3) / 1e3;
}

/** One line for each figure that differs, at most a handful. */
export function differences(name: string, ours: ScaleFigures, theirs: ScaleFigures): string[] {
  const lines: string[] = [];
  const compare = (where: string, a: object, b: object): void => {
    const others = new Map<string, unknown>(Object.entries(b));
    for (const [key, value] of Object.entries(a) as [string, unknown][]) {
      const other = others.get(key);
      const isNear = typeof value === 'number' && typeof other === 'number' && Math.abs(value - other) <= 2e-3;
      if (key === 'fair' ? !isNear : value !== other) lines.push(`${where}: ${key} ${String(value)}, ${String(other)}`);
    }
  };
  compare(`${name}, host`, ours.host, theirs.host);
  if (ours.domains.length !== theirs.domains.length) lines.push(`${name}: another number of domains`);
  for (const [i, domain] of ours.domains.entries()) {
    compare(`${name}, domain ${domain.domid}`, domain, theirs.domains[i] ?? {});
  }
  compare(`${name}, pairs`, ours.pairs, theirs.pairs);
  return lines.slice(0, 8);
}
