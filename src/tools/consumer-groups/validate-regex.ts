import { RE2JS, RE2JSSyntaxException } from 're2js';

/** What `--validate-regex` prints: whether the pattern is one in RE2's syntax, which the broker uses for subscriptions. */
export function validateRegex(pattern: string): string {
  try {
    RE2JS.compile(pattern);
    return `The regular expression \`${pattern}\` is valid.\n`;
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return `The regular expression \`${pattern}\` is invalid: ${error.getDescription()}.\n`;
  }
}
