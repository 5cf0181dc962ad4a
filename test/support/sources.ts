/** Every source, each with a channel of its own. */
export const everySource = {
  "ap-invoices": { channel: "#accounts-payable" },
  "ap-payments": { channel: "#treasury" },
  "gl-journals": { channel: "#accounting-leadership" },
  "ar-receipts": { channel: "#collections" },
  "purchase-orders": { channel: "#procurement" },
};

/** The same with a message for a whole batch of journals, so that both ways of announcing are met. */
export const everySourceBothWays = {
  ...everySource,
  "gl-journals": { ...everySource["gl-journals"], post: "batch" },
};
