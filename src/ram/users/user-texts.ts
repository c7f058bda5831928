/** What a user says of itself; texts may be empty. */
export interface UserTexts {
  readonly displayName: string
  readonly mobilePhone: string
  readonly email: string
  readonly comments: string
}
