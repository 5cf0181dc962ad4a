import type { ChannelSpec, UserGroupSpec, UserSpec } from "./records.ts";

/** Everything that a Sage notifier can make use of, reading history and finding people included. */
export const sampleScopes = [
  "chat:write",
  "chat:write.public",
  "channels:read",
  "channels:history",
  "channels:join",
  "groups:read",
  "groups:history",
  "users:read",
  "users:read.email",
  "usergroups:read",
] as const;

export const sampleChannels: readonly ChannelSpec[] = [
  "general",
  "finance",
  "finance-ops",
  "accounts-payable",
  "treasury",
  "accounting-leadership",
  "collections",
  "procurement",
  "ap-approvals",
  "controllers",
].map((name) => ({ name }));

export const sampleUsers: readonly UserSpec[] = [
  { name: "cfo", email: "cfo@example.com", realName: "Chloe Fontaine" },
  { name: "controller", email: "controller@example.com", realName: "Conrad Trolle" },
  { name: "ap.clerk", email: "ap.clerk@example.com", realName: "Alba Pereira" },
  { name: "ar.clerk", email: "ar.clerk@example.com", realName: "Arne Richter" },
  { name: "buyer", email: "buyer@example.com", realName: "Bianca Uyeda" },
  { name: "treasurer", email: "treasurer@example.com", realName: "Tom Reasoner" },
  { name: "former", email: "former@example.com", realName: "Fred Ormer", deleted: true },
];

export const sampleUserGroups: readonly UserGroupSpec[] = [
  { handle: "controllers", name: "Controllers" },
  { handle: "treasury-team", name: "Treasury team" },
  { handle: "ap-team", name: "Accounts payable" },
];
