import type { Caller } from '../gateway/caller.ts'

/**
 * Who counts as one person, in all accounts: a user under whatever name, also through sessions that the user began. The account itself,
 * however many keys it has, and sessions of one name that an identity provider vouched for, count as one where nobody has to be told apart.
 */
export function personOf({ accountId, identity }: Pick<Caller, 'accountId' | 'identity'>): string {
  switch (identity.kind) {
    case 'account':
      return `account/${accountId}`
    case 'user':
      return userPerson(identity.userId)
    case 'session':
      return identity.startedByUserId === undefined ? `session/${accountId}/${identity.sessionName}` : userPerson(identity.startedByUserId)
    case 'anonymous':
      throw new Error('nobody acts anonymously')
  }
}

const USER = 'user/'

function userPerson(userId: number): string {
  return `${USER}${userId}`
}

/** Whether a person is known to be one: a user, whatever became of the name. */
export function isUser(person: string): boolean {
  return person.startsWith(USER)
}
