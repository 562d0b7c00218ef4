// Adds up Vitest's JSON reports. Ends with 1 where a report is missing, a test failed, or one was skipped.
import { readFileSync } from "node:fs";

const total = { passed: 0, failed: 0, skipped: 0 };
for (const file of process.argv.slice(2)) {
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    total.passed += report.numPassedTests;
    total.failed += report.numFailedTests;
    total.skipped += report.numPendingTests + report.numTodoTests;
    const suites = report.testResults.filter(
      (suite) => suite.status === "failed" && suite.assertionResults.length === 0,
    );
    for (const { name, message } of suites) console.error(`${name}: ${message}`);
    total.failed += suites.length;
  } catch (error) {
    console.error(`no report in ${file}: ${error.message}`);
    total.failed += 1;
  }
}
if (total.skipped > 0) console.error(`${total.skipped} tests were skipped; here none may be`);
console.log(`${total.passed} passed, ${total.failed + total.skipped} failed`);
process.exit(total.failed + total.skipped > 0 ? 1 : 0);
