/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * What a run of Jest came to. A suite that could not run counts as one failed test, and so does a run that failed without
 * saying which.
 * @param {number} exitCode
 * @param {() => string} readResults of `--json`; may throw when Jest wrote none
 * @returns {Counts}
 */
export function countsOf(exitCode, readResults) {
  const results = resultsOf(readResults);
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = results;
  const failed = numFailedTests + (results.numRuntimeErrorTestSuites ?? 0);
  return {
    passed: numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
  };
}

/**
 * @param {() => string} readResults
 * @returns {Record<string, number | undefined>}
 */
function resultsOf(readResults) {
  try {
    return JSON.parse(readResults());
  } catch {
    return {};
  }
}

/**
 * @param {Counts} one
 * @param {Counts} other
 * @returns {Counts}
 */
export function add(one, other) {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/** @param {Counts} counts */
export function sentence({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
