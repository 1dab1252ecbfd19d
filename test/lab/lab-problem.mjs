/** What stops the lab: one clear line, and no stack. */
export class LabProblem extends Error {
  name = 'LabProblem';
}
