/** Replaced by the build with the version in package.json; not there when the sources run unbundled, in tests. */
declare const __SHARETOP_VERSION__: string | undefined;

/** This sharetop's version, e.g. `0.1.0`. */
export const VERSION: string = typeof __SHARETOP_VERSION__ === 'string' ? __SHARETOP_VERSION__ : '0.0.0-source';
