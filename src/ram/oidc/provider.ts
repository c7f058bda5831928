/** The provider as trust policies and AssumeRoleWithOIDC name it. */
export function providerArn(accountId: number, name: string): string {
  return `acs:ram::${accountId}:oidc-provider/${name}`
}

/** Client ids or fingerprints, as a row keeps them. */
export function readTexts(json: string): readonly string[] {
  // Stored by ourselves: a list of texts.
  return JSON.parse(json) as string[]
}
