/** Policies that a person brought along: their files, loaded as ES modules. */
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { systemProblem } from '../base/system-problem.js';
import { checkedModule } from '../policy/own-policy-check.js';
import type { Engine } from '../engine/engine.js';
import { OwnPolicy } from '../policy/own-policy.js';
import type { OwnPolicyModule } from '../policy/own-policy-interface.js';
import type { Policy } from '../policy/policy.js';
import { thrownText } from './guarded-policy.js';
import { POLICY_NAMES } from './policy-registry.js';

/** A file that holds no policy: one line with its path, and how to mend it. */
export class OwnPolicyError extends Error {
  override name = 'OwnPolicyError';

  /** @param isUsage the file is not one that can be named here; else it is, and failed */
  constructor(
    path: string,
    problem: string,
    readonly isUsage: boolean,
  ) {
    super(`--policy ${path}: ${problem}`);
  }
}

const HINT = 'docs/POLICIES.md says what a policy is made of';

/**
 * Loads the files, in order. Their code runs: with all that the user may do, as any program that he starts.
 * @param paths absolute
 * Throws OwnPolicyError.
 */
export async function loadOwnPolicies(paths: readonly string[]): Promise<OwnPolicyModule[]> {
  const modules: OwnPolicyModule[] = [];
  for (const path of paths) {
    const module = await load(path);
    const isTaken = [...POLICY_NAMES, ...modules.map(({ name }) => name)].includes(module.name);
    if (isTaken) {
      throw new OwnPolicyError(path, `there is a policy '${module.name}' already: give it another name`, true);
    }
    modules.push(module);
  }
  return modules;
}

async function load(path: string): Promise<OwnPolicyModule> {
  let isFile: boolean;
  try {
    isFile = statSync(path).isFile();
  } catch (error) {
    throw new OwnPolicyError(path, systemProblem(error), true);
  }
  if (!isFile) throw new OwnPolicyError(path, 'is no file', true);
  let exported: { readonly default?: unknown };
  try {
    // A path that the bundler cannot know: it leaves this to Node.
    exported = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  } catch (error) {
    const mend = error instanceof SyntaxError ? ' (`node --check` names the line)' : '';
    throw new OwnPolicyError(path, `cannot be loaded: ${thrownText(error)}${mend}`, false);
  }
  try {
    return checkedModule(exported.default);
  } catch (error) {
    throw new OwnPolicyError(path, `${thrownText(error)} (${HINT})`, true);
  }
}

/** Makes one of them. Throws OwnPolicyError if its `create` does not make a policy. */
export function createOwnPolicy(module: OwnPolicyModule, engine: Engine): Policy {
  try {
    return new OwnPolicy(engine, module);
  } catch (error) {
    throw new OwnPolicyError(module.name, `it cannot be made: ${thrownText(error)}`, false);
  }
}
