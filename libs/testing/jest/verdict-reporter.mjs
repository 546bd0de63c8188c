// Tells the teardown of the engines, which runs after it, whether their logs are worth keeping.
export default class VerdictReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numFailedTestSuites;
    process.env.TALLYWARD_SPECS_FAILED = failed > 0 ? 'yes' : '';
  }
}
