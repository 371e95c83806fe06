// Positions from outside: offsets in UTF-16 code units, or lines and columns
// counted from 1. Whatever comes in, what goes out lies inside the document.

function whole(value, fallback) {
  const number = Math.trunc(Number(value));
  return Number.isFinite(number) ? number : fallback;
}

function between(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** The line of that number, the nearest one when there is none. */
export function lineAt(doc, line) {
  return doc.line(between(whole(line, 1), 1, doc.lines));
}

/** An offset inside the document. */
export function clamp(doc, offset) {
  return between(whole(offset, 0), 0, doc.length);
}

/** The offset of a line and a column, both from 1. */
export function offsetAt(doc, line, column) {
  const found = lineAt(doc, line);
  if (whole(line, 1) > doc.lines) return found.to;
  return found.from + between(whole(column, 1) - 1, 0, found.length);
}

/** The line and the column, both from 1, of an offset inside the document. */
export function placeAt(doc, offset) {
  const line = doc.lineAt(offset);
  return { line: line.number, column: offset - line.from + 1 };
}

/**
 * The range of `{from, to}` or `{line, column, endLine, endColumn}`. Without an
 * end a range covers the word it starts at, without a column the whole line.
 */
export function rangeOf(doc, place) {
  const { from, to, line, column, endLine, endColumn } = place ?? {};
  if (from != null) {
    const start = clamp(doc, from);
    return { from: start, to: Math.max(start, clamp(doc, to ?? from)) };
  }
  const found = lineAt(doc, line);
  const indent = found.text.length - found.text.trimStart().length;
  const start = column == null ? found.from + indent : offsetAt(doc, line, column);
  let end = start;
  if (endLine != null || endColumn != null) {
    const last = endLine ?? line;
    end = endColumn == null ? lineAt(doc, last).to : offsetAt(doc, last, endColumn);
  } else if (column == null) {
    end = found.from + found.text.trimEnd().length;
  } else {
    end = start + found.text.slice(start - found.from).match(/^\S*/)[0].length;
  }
  return { from: start, to: Math.max(start, end) };
}

/** `[{from, to, insert}]` as changes of the document. */
export function changesOf(doc, edits) {
  return [edits ?? []].flat().map((edit) => {
    const given = edit?.line != null && edit.endLine == null && edit.endColumn == null;
    // An edit without an end inserts; it never takes the word it stands before.
    const place = given ? { ...edit, column: edit.column ?? 1, endLine: edit.line, endColumn: edit.column ?? 1 } : edit;
    return { ...rangeOf(doc, place), insert: String(edit?.insert ?? "") };
  });
}

/** The one change that makes `text` of the document, or null when it is that text. */
export function difference(doc, text) {
  const old = doc.toString();
  if (old === text) return null;
  const shorter = Math.min(old.length, text.length);
  let head = 0;
  while (head < shorter && old[head] === text[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === text[text.length - 1 - tail]) tail++;
  return { from: head, to: old.length - tail, insert: text.slice(head, text.length - tail) };
}
