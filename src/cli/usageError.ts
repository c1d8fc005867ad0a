/** The command was not called as it can be: exit code 2, before any work. */
export class UsageError extends Error {}
