/** Types of make-v2-fixture.mjs for the tests. */
export const V2: Uint8Array;
