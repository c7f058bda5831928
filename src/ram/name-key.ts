/** The form in which names are compared: their case says nothing. */
export function nameKey(name: string): string {
  return name.toLowerCase()
}
