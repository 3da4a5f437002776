/**
 * A node name as everything compares it: ASCII letters in lower case, all else as it is. The text of the files
 * has one character per byte, so folding other letters would break names in UTF-8.
 */
export function foldNodeName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
