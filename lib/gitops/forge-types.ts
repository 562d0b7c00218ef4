/** What the pipeline tells people through the forge, and asks it. */
export interface Forge {
  /** Writes the one comment of an environment on the pull request that runs, or edits it in place. */
  comment(environment: string, text: string): Promise<void>;
  /**
   * The commit for which the pull request showed its plan, of a commit that was merged; nothing for a commit that came
   * without one.
   */
  shownCommit(merged: string): Promise<string | undefined>;
  /** Opens one issue by its key, or edits the open one. */
  openIssue(key: string, title: string, text: string): Promise<void>;
  /** Closes the issue of a key, if one is open. */
  closeIssue(key: string, text: string): Promise<void>;
  /** Opens a pull request for a branch, or leaves the open one. */
  pullRequest(branch: string, base: string, title: string, text: string): Promise<void>;
}
