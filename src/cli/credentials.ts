import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { CallRefusedError } from './refusals.ts'

/** An access key that signs the calls of the command line. */
export interface Credentials {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** Of a temporary key. */
  readonly securityToken?: string
}

/** One entry of the aliyun CLI's configuration file, as far as it is of use here. */
interface Profile {
  readonly name?: string
  readonly mode?: string
  readonly access_key_id?: string
  readonly access_key_secret?: string
  readonly sts_token?: string
}

/**
 * The credentials of a user, from where the SDKs and the aliyun CLI take theirs: ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET,
 * else the profile of its configuration file that `--profile` or ALIBABA_CLOUD_PROFILE names, else the current one.
 *
 * @throws CallRefusedError saying where a key can be put
 */
export function findCredentials(env: NodeJS.ProcessEnv, profileName?: string): Credentials {
  const accessKeyId = env['ALIBABA_CLOUD_ACCESS_KEY_ID']
  const accessKeySecret = env['ALIBABA_CLOUD_ACCESS_KEY_SECRET']
  const securityToken = env['ALIBABA_CLOUD_SECURITY_TOKEN']
  if (profileName === undefined && accessKeyId && accessKeySecret) {
    return { accessKeyId, accessKeySecret, ...(securityToken && { securityToken }) }
  }
  const file = join(env['HOME'] ?? homedir(), '.aliyun', 'config.json')
  return readProfile(file, profileName ?? env['ALIBABA_CLOUD_PROFILE'])
}

function readProfile(file: string, name: string | undefined): Credentials {
  const { current, profiles = [] } = readConfiguration(file)
  const wanted = name ?? current ?? 'default'
  const profile = profiles.find((one) => one.name === wanted)
  if (profile === undefined) throw new CallRefusedError(`${file} holds no profile called ${wanted}`)
  const { mode, access_key_id: accessKeyId, access_key_secret: accessKeySecret, sts_token: securityToken } = profile
  const isWhole = mode === 'AK' || (mode === 'StsToken' && securityToken)
  if (!isWhole || !accessKeyId || !accessKeySecret) {
    throw new CallRefusedError(`the profile ${wanted} of ${file} is not of the mode AK or StsToken with an access key`)
  }
  return { accessKeyId, accessKeySecret, ...(mode === 'StsToken' && securityToken && { securityToken }) }
}

function readConfiguration(file: string): { current?: string; profiles?: readonly Profile[] } {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new CallRefusedError(
      `no access key: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or configure a profile of the aliyun CLI (${file})`,
    )
  }
  try {
    // What is not of the form that the aliyun CLI writes holds no profile.
    const { current, profiles } = Object(JSON.parse(text)) as { current?: string; profiles?: unknown }
    return { ...(current !== undefined && { current }), profiles: Array.isArray(profiles) ? (profiles.map(Object) as Profile[]) : [] }
  } catch {
    throw new CallRefusedError(`${file} is not valid JSON`)
  }
}
