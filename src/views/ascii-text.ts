/** Our own texts for terminals that have ASCII only. Texts from traces go through `nameText`. */
const PLAIN: Readonly<Record<string, string>> = {
  Σ: 'sum',
  '−': '-',
  '–': '-',
  '×': 'x',
  '⟨': '<',
  '⟩': '>',
  '…': '..',
  '↑': 'Up',
  '↓': 'Down',
  '←': 'Left',
  '→': 'Right',
  '≥': '>=',
  '≤': '<=',
};

/** The text with the signs that we use replaced by ASCII; anything else beyond ASCII becomes `?`. */
export function asciiText(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (character) => PLAIN[character] ?? '?');
}
