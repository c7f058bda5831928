/** Reasons that a subscriber certificate can be revoked for (RFC 5280 section 5.3.1, BR 7.2.2). */
export const revocationReasons = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  privilegeWithdrawn: 9,
} as const

export type RevocationReason = keyof typeof revocationReasons
