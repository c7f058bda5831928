import { configFileSetting, settingGroups } from '../config.ts'
import { productKeyAlgorithms } from '../plans/product.ts'
import type { SettingDescription } from '../config.ts'

/** The text of docs/configuration.md: every setting with its rule and default, in Markdown. */
export function renderConfigurationReference(): string {
  const sections = settingGroups.map(({ title, settings }) => `## ${title}\n\n${renderTable([...settings.values()])}`)
  return [introduction, `## The file\n\n${renderTable([configFileSetting])}`, ...sections, products].join('\n\n') + '\n'
}

const introduction = `# Configuration

<!-- Generated from src/config/settings-schema.ts by src/cli/configuration-reference.ts. Do not edit. -->

Settings come from environment variables and from one JSON file, whose path is in \`CHANCERY_CONFIG\`. The file uses the same names in
lower case (\`chancery_data\`, \`database_url\`); its values are texts, numbers, \`true\` and \`false\`, or lists of texts where the variable
takes a comma list. The environment wins. An empty value counts as not given. Relative paths start at the folder that the process was
started in.

An unknown \`CHANCERY_\` variable, an unknown name in the file and a bad value keep the process from starting. Each is reported in one line
that names the setting and its rule and does not show the value.`

const products = `## The file of products

A JSON list. \`code\`, \`name\`, \`brand\` and \`domainKind\` (\`single\`, \`wildcard\`, \`mix\`) are needed; what else is left out has the value
shown here. A code that is built in needs \`"override": true\` and then takes the place of the built-in product. Unknown properties are refused.

\`\`\`json
[
  {
    "code": "own-dv-1",
    "name": "Internal services",
    "brand": "Example",
    "rootBrand": "Example",
    "level": "DV",
    "free": false,
    "domainKind": "single",
    "maxNames": 1,
    "keyAlgorithm": "RSA_2048",
    "validityDays": 90,
    "termDays": 365,
    "internalNames": false,
    "blockedWords": [],
    "custodyKeys": true,
    "override": false
  }
]
\`\`\`

\`rootBrand\` is the brand when it is left out. \`refundDays\` takes the place of \`CHANCERY_REFUND_DAYS\` for one product. \`keyAlgorithm\` is one of
${productKeyAlgorithms.map((name) => `\`${name}\``).join(', ')}. \`internalNames\` accepts names under top-level domains that the public DNS does not know
(\`db.corp\`); \`blockedWords\` may stand in no name.`

function renderTable(settings: readonly SettingDescription[]): string {
  const rows = settings.map((setting) => `| \`${setting.name}\` | ${setting.description} | ${setting.rule} | ${renderDefault(setting)} |`)
  return ['| Setting | Meaning | Value | Default |', '|---|---|---|---|', ...rows].join('\n')
}

function renderDefault(setting: SettingDescription): string {
  return setting.default === undefined ? (setting.absent ?? '') : `\`${setting.default}\``
}
