/** What is known of one live domain, whatever the policy. */
export interface DomainFigures {
  /** The engine's dense number of this life of the domain. */
  slot: number;
  /** As its stream says; two streams may use the same. */
  domid: number;
  /** uuid or name: identity across streams and lives. */
  key: string;
  name: string;
  /** Trust group. */
  group: string;
  /** As the recorder says: qemu, pv, pvh, hvm, process …; may be empty. */
  kind: string;
  /** The reservation. */
  reservedFrames: number;
  /** In use: zero + known + unknown. */
  frames: number;
  zeroFrames: number;
  knownFrames: number;
  unknownFrames: number;
  freeFrames: number;
  fillPageFrames: number;
  /** D_d. */
  distinctContents: number;
  /** known_d − D_d. */
  selfSavedFrames: number;
  /** Fair part of the potential: Σ (n−1)/n over its known frames, n = holders of the content. */
  fairSavedFrames: number;
  /** When the domain was last scanned (a fill or keyframe), µs; its age is the domain's skew. */
  scannedMicros: number;
}

/** One domain's part in what a policy does. */
export interface DomainPolicyFigures {
  /** Frames that map to a shared frame with at least two references. */
  sharedFrames: number;
  /** Fair saved: Σ (n−1)/n over its shared frames; all domains' add up to the policy's gross saved. */
  fairSavedFrames: number;
  /** Eligible 4 KiB block reads, and those answered without the disk. 0 for policies without I/O. */
  readsSeen: number;
  readsAvoided: number;
  /** As in DlpsFigures; left out by policies without I/O. */
  readsCold?: number;
  readsAvoidedCold?: number;
  /** Shared or bound frames that lost their content: overwritten, zeroed, unknown or freed. */
  contentChanged: number;
}

/** What a domain held at one moment, for its history chart. Frames; reads per second. */
export interface DomainHistoryPoint {
  timeMicros: number;
  frames: number;
  zeroFrames: number;
  sharedFrames: number;
  fairSavedFrames: number;
  readsAvoidedPerSecond: number;
  contentChangedPerSecond: number;
}
