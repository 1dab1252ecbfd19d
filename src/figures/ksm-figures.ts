/**
 * Counters of the `ksm` policy under the names of /sys/kernel/mm/ksm (Linux Documentation/admin-guide/mm/ksm.rst);
 * rules and differences in docs/POLICIES.md. Zero frames and extra frames are in all of them, as in the kernel's;
 * `savedFrames` of the policy is without both.
 */
export interface KsmFigures {
  /** Stable copies. */
  pages_shared: number;
  /** Frames in stable copies less the copies. */
  pages_sharing: number;
  /** Frames that wait in an unstable tree. */
  pages_unshared: number;
  /** Items in no copy and no tree. */
  pages_volatile: number;
  /** Visits since the start. */
  pages_scanned: number;
  /** Always 0: the scan is not the smart one. */
  pages_skipped: number;
  /** Passes that came to their end. */
  full_scans: number;
  /** Frames at the zero page. */
  ksm_zero_pages: number;
  /** Contents with several stable copies, and those copies. */
  stable_node_chains: number;
  stable_node_dups: number;
  /** (pages_sharing + ksm_zero_pages) × 4096 − items × 64, bytes; may be negative. */
  general_profit: number;
  /** Each live domain's part; only in reports. */
  processes?: (KsmProcessFigures & { key: string })[];
}

/** One domain's part, under the names of /proc/PID/ksm_stat. */
export interface KsmProcessFigures {
  /** Items. */
  ksm_rmap_items: number;
  ksm_zero_pages: number;
  /** Frames in stable copies. */
  ksm_merging_pages: number;
  /** (ksm_merging_pages + ksm_zero_pages) × 4096 − ksm_rmap_items × 64, bytes; may be negative. */
  ksm_process_profit: number;
}

/** Bytes that the kernel keeps for an item (struct ksm_rmap_item on a 64-bit machine). */
export const RMAP_ITEM_BYTES = 64;

/** What merging saves less what its items cost, bytes: the kernel's formula for its two profits. */
export function ksmProfit(savedFrames: number, items: number, itemBytes = RMAP_ITEM_BYTES): number {
  return savedFrames * 4096 - items * itemBytes;
}
