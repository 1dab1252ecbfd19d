/**
 * The copies that a sharing scheme keeps, for questions about one page or one domain. A copy has a number that is its
 * own while no record is applied; 0 is none.
 */
export interface SharedCopies {
  /** The copy that a frame refers to; 0: the frame is private. */
  ofFrame(frameId: number): number;
  /** Frames that refer to a copy; 1: it is kept, but shares nothing. */
  refs(copy: number): number;
  /** Copies of a content that are kept, with or without a frame that refers to them. O(copies). */
  ofContent(contentId: number): number;
  /**
   * For some of the copies: adds to `losses`, by domain slot, the frames that the gross saving would be less without
   * that domain. Begins at copy `from` (1 first) and returns where to go on, 0 at the end. Left out by a scheme that
   * saves the whole potential: what that would be less is known.
   */
  addStopLosses?(from: number, losses: Float64Array): number;
}
