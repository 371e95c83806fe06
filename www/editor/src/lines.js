// What is said of whole lines: marks in the gutter and lines tied to what the
// pointer is over elsewhere on the page.
import { RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker } from "@codemirror/view";
import { lineAt } from "./positions.js";

class Mark extends GutterMarker {
  constructor(kind, title) {
    super();
    this.kind = kind;
    this.title = title;
  }
  eq(other) {
    return other.kind === this.kind && other.title === this.title;
  }
  toDOM() {
    const dom = document.createElement("span");
    dom.className = `cm-sign cm-mark cm-mark-${this.kind}`;
    dom.title = this.title;
    return dom;
  }
}

const marksSet = StateEffect.define();

export const marks = StateField.define({
  create: () => RangeSet.empty,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(marksSet)) return effect.value;
    return value.map(transaction.changes);
  },
});

/** Replaces all marks by `[{line, kind, title}]`. */
export function setMarks(view, list) {
  const { doc } = view.state;
  const ranges = [list ?? []].flat().map((given) => {
    const kind = String(given?.kind ?? "note").replace(/[^\w-]/g, "-");
    return new Mark(kind, String(given?.title ?? "")).range(lineAt(doc, given?.line).from);
  });
  view.dispatch({ effects: marksSet.of(RangeSet.of(ranges, true)) });
}

function titlesAt(state, line) {
  const titles = [];
  state.field(marks).between(line.from, line.to, (from, to, mark) => {
    if (mark.title) titles.push(mark.title);
  });
  return titles.join(" ");
}

// Gutters are hidden from screen readers, so a mark is said when its line is reached.
const announceMarks = EditorView.updateListener.of((update) => {
  if (!update.selectionSet || !update.view.hasFocus) return;
  const line = update.state.doc.lineAt(update.state.selection.main.head);
  const before = update.startState.doc.lineAt(update.startState.selection.main.head);
  if (line.number === before.number) return;
  const titles = titlesAt(update.state, line);
  if (titles) update.view.dispatch({ effects: EditorView.announce.of(titles) });
});

const tied = Decoration.line({ class: "cm-tied" });
const tiedSet = StateEffect.define();

const tiedLines = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(tiedSet)) return effect.value;
    return value.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Highlights the lines from `first` to `last`, or none when `first` is null. */
export function highlightLines(view, first, last) {
  const { doc } = view.state;
  const ranges = [];
  if (first != null) {
    const end = lineAt(doc, last ?? first).number;
    for (let number = lineAt(doc, first).number; number <= end; number++) ranges.push(tied.range(doc.line(number).from));
  }
  view.dispatch({ effects: tiedSet.of(Decoration.set(ranges)) });
}

export const lines = [marks, announceMarks, tiedLines];
