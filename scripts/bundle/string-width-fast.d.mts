export function simpleWidth(text: string): number;
export default function stringWidthFast(text: string, options?: object): number;
