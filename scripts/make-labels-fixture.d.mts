export const V1_LABELS: Uint8Array;
