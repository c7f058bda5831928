import { stdout } from 'node:process'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** Shows each step while it runs and when it is done: a spinner on a terminal, plain lines elsewhere. */
export interface Progress {
  /** Runs one step. What it returns as `note` is shown beside it. A failure is shown and thrown on. */
  step<T>(title: string, run: (tell: (text: string) => void) => Promise<T>): Promise<T>
}

export function createProgress(): Progress {
  let count = 0
  return {
    async step(title, run) {
      const started = performance.now()
      const number = String(++count).padStart(2)
      let note = ''
      const spinner = spin(() => `${number}  ${title}${note === '' ? '' : `  ${dim(note)}`}`)
      try {
        const result = await run((text) => {
          note = text
        })
        spinner.stop()
        stdout.write(
          `${green('✓')} ${number}  ${title}  ${dim(`${note}${note === '' ? '' : '  '}${Math.round(performance.now() - started)} ms`)}\n`,
        )
        return result
      } catch (error) {
        spinner.stop()
        stdout.write(`${red('✗')} ${number}  ${title}\n`)
        throw error
      }
    },
  }
}

function spin(line: () => string): { stop(): void } {
  if (!stdout.isTTY) return { stop: () => {} }
  let frame = 0
  const timer = setInterval(() => {
    const text = `${FRAMES[frame++ % FRAMES.length]} ${line()}`
    stdout.write(`\r\u001B[2K${text}`)
  }, 80)
  return {
    stop() {
      clearInterval(timer)
      stdout.write('\r\u001B[2K')
    },
  }
}

const colour = (code: number) => (text: string) => (stdout.isTTY ? `\u001B[${code}m${text}\u001B[0m` : text)
const green = colour(32)
const red = colour(31)
export const dim = colour(2)
export const bold = colour(1)
