import type { BuildOptions } from 'esbuild';

export function bundleOptions(entryPoints: Record<string, string>): Promise<BuildOptions>;
export function build(): Promise<{ files: { file: string; bytes: number }[] }>;
