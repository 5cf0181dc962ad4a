/** How the configuration and the directory spell a channel: by its name, or by Slack's id. */
export const channelSpelling = {
  pattern: /^(#[^\s#@]{1,80}|[CGD][A-Z0-9]{6,})$/,
  rule: 'must be "#name" or a channel id',
} as const;

/** Whether a mention is an e-mail address, and no `@handle` or id. */
export function isAddress(mention: string): boolean {
  return mention.includes("@", 1);
}

/** … and whom a message is to ping: a person, or a user group. */
export const mentionSpelling = {
  pattern: /^([^\s@]+@[^\s@]+\.[^\s@]+|@[\w.-]+|[UWS][A-Z0-9]{6,})$/,
  rule: "must be an e-mail address, @handle, or an id",
} as const;
