import type { Snapshot, ViewRequest } from '../figures/snapshot.js';

/**
 * The engine's side as the screen sees it: the worker behind its messages, or a fake. One request is under way at a
 * time; while it is, only the newest of those that come is kept and sent next.
 */
export interface Feed {
  /** Asks for figures; the answer comes to the subscribers, with the id of the request. */
  request(request: ViewRequest): void;
  /** The answer ends the subscription. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
  /** Tells why there will be no more figures, in one line. */
  onFailure(listener: (line: string) => void): () => void;
  close(): Promise<void>;
}
