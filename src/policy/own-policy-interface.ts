/**
 * What a policy that a person brings along (`--policy ./mine.js`) is made of: docs/POLICIES.md, "Your own policy".
 * Nothing here changes without a new OWN_POLICY_API: it is the one interface of sharetop that others write code for.
 *
 * A policy is told what changes, frame by frame and in order, and keeps its own state. Domains, frames and contents
 * are numbers: a domain's is its own until `onGone`; a frame's as long as its domain lives; a content's while a frame
 * holds it or the policy has pinned it, later it may be given to another content.
 */

/** Version of the interface: `host.api`. */
export const OWN_POLICY_API = 1;

/** Why a frame changed. */
export interface OwnCauses {
  /** A scan, a snapshot or a read said what is in it. */
  readonly fill: number;
  /** It was written; what is in it is not known until the next fill. */
  readonly dirty: number;
  readonly free: number;
  /** Its domain is gone. */
  readonly gone: number;
  /** A keyframe did not name it. */
  readonly unnamed: number;
  /** The reservation of its domain became smaller. */
  readonly shrink: number;
  /** A read of a block whose hash is not known put it there. */
  readonly read: number;
}

/** What `create` is handed: constants, and questions about contents and frames. */
export interface OwnPolicyHost {
  readonly api: number;
  /** What a frame holds when it holds no known content; all of them are below `firstContent`. */
  readonly untouched: number;
  readonly free: number;
  readonly unknown: number;
  readonly zero: number;
  /** Filled by a read of a block of unknown hash. */
  readonly provisional: number;
  /** The smallest number of a known content other than zeros. */
  readonly firstContent: number;
  readonly noFrame: number;
  readonly causes: OwnCauses;
  /** XXH64 of a content, 16 hex digits. */
  hash(content: number): string;
  /** The same as two u32, without a text. */
  hashLow(content: number): number;
  hashHigh(content: number): number;
  /** One byte value all over, other than zero. */
  isFillPage(content: number): boolean;
  /** The domain of a frame. */
  domainOf(frame: number): number;
  /** Keeps a content's number its own while no frame holds it; as many `unpin` give it back. */
  pin(content: number): void;
  unpin(content: number): void;
}

/** A block that was read. */
export interface OwnReadFlags {
  /** The block is a whole 4 KiB block of the image. */
  readonly aligned: boolean;
  /** The image was declared read-only. */
  readonly readOnlyImage: boolean;
}

/** What a policy reports. Frames of 4 KiB; a figure that is left out is 0, or as said here. */
export interface OwnPolicyFigures {
  /** Gross: Σ over shared frames (references − 1), zero frames apart. */
  savedFrames: number;
  /** Copies with at least two references. */
  sharedFrames: number;
  /** Default: `savedFrames`. */
  netSavedFrames?: number;
  zeroSavedFrames?: number;
  metadataBytes?: number;
  /** 4 KiB block reads; only sensible together. */
  readsIssued?: number;
  readsAvoided?: number;
  /** Shared frames that lost their content. */
  contentChanged?: number;
  /** Any others, by name: at most 64 finite numbers. */
  own?: Readonly<Record<string, number>>;
}

/** One domain's part; all domains' `fairSavedFrames` add up to `savedFrames`. */
export interface OwnDomainFigures {
  /** Frames that refer to a copy with at least two references. */
  sharedFrames: number;
  /** Σ (n − 1)/n over them. */
  fairSavedFrames: number;
  readsSeen?: number;
  readsAvoided?: number;
  contentChanged?: number;
}

/** What `create` makes. Whatever is left out is not told to it. None of it may be asynchronous. */
export interface OwnPolicyState {
  /** A frame held `before` and holds `now`: a content, or a state of OwnPolicyHost; never the same. */
  onFrame?(domain: number, frame: number, before: number, now: number, cause: number): void;
  /**
   * A domain read a 4 KiB block. `content` is 0 if its hash is not known, `frame` is `noFrame` if where it went is not.
   * What it does to the frame comes as `onFrame` afterwards. `flags` is the same object each time.
   */
  onRead?(domain: number, image: number, block: number, content: number, frame: number, flags: OwnReadFlags): void;
  onWrite?(domain: number, image: number, block: number, count: number): void;
  /** A domain appears, in a trust group. Its number may have been that of a domain that is gone. */
  onDomain?(domain: number, group: number): void;
  /** The trust group of a domain changes: it shares with others from now on. */
  onGroup?(domain: number, group: number): void;
  /** A domain is gone; its frames were taken from it before, by `onFrame`. */
  onGone?(domain: number): void;
  /** Trace time in µs; it never goes back. */
  onTime?(micros: number): void;
  /** The memory of the host in frames, as far as it is known. */
  onMemory?(frames: number): void;
  /** Asked once a second of trace time and for each answer: it should be quick. */
  figures(): OwnPolicyFigures;
  /** Asked as often, for each domain. Left out: the screens show no part of any domain. */
  domainFigures?(domain: number): OwnDomainFigures;
  /** References to shared copies of a content; 0: it is not shared. Left out: 0. */
  sharedRefs?(content: number): number;
  /** Recounts the slow way (`report --audit`): a line for each figure that does not agree. */
  audit?(): string[];
  /** Bytes that it holds, for --memory-limit. */
  readonly bytes?: number;
}

/** The default export of the file. */
export interface OwnPolicyModule {
  /** Small letters, digits and dashes, at most 24; no other policy's. */
  readonly name: string;
  create(host: OwnPolicyHost): OwnPolicyState;
}
