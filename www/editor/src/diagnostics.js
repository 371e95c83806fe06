// Diagnostics as the page gives them, their signs in the gutter and their fixes.
import { forEachDiagnostic, linter, nextDiagnostic, setDiagnostics, setDiagnosticsEffect } from "@codemirror/lint";
import { ChangeSet, MapMode, RangeSet, StateField } from "@codemirror/state";
import { activateHover, EditorView, gutter, GutterMarker } from "@codemirror/view";
import { marks } from "./lines.js";
import { changesOf, rangeOf } from "./positions.js";

const SEVERITIES = ["hint", "info", "warning", "error"];

/** What was typed since the diagnostics were set: their fixes are of the older text. */
const typedSince = StateField.define({
  create: () => null,
  update(value, transaction) {
    if (transaction.effects.some((effect) => effect.is(setDiagnosticsEffect))) {
      return ChangeSet.empty(transaction.newDoc.length);
    }
    return value && transaction.docChanged ? value.compose(transaction.changes) : value;
  },
});

/** Moves changes of the older text to the text of now; null when their place is gone. */
function carry(changes, since) {
  const carried = changes.map(({ from, to, insert }) => ({
    from: since.mapPos(from, 1, MapMode.TrackDel),
    to: since.mapPos(to, from === to ? 1 : -1, MapMode.TrackDel),
    insert,
  }));
  return carried.every(({ from, to }) => from != null && to != null && from <= to) ? carried : null;
}

function applyFix(view, name, changes) {
  const { state } = view;
  const carried = carry(changes, state.field(typedSince) ?? ChangeSet.empty(state.doc.length));
  if (state.readOnly || !carried) {
    view.dispatch({ effects: EditorView.announce.of(state.phrase("This fix no longer applies")) });
    return;
  }
  view.dispatch({
    changes: carried,
    userEvent: "input.fix",
    scrollIntoView: true,
    effects: EditorView.announce.of(`${state.phrase("Applied")}: ${name}`),
  });
  view.focus();
}

function fixOf(doc, given) {
  const name = String(given?.name ?? "");
  const changes = changesOf(doc, given?.edits);
  return { name, apply: (view) => applyFix(view, name, changes) };
}

function diagnosticOf(view, given) {
  const { doc } = view.state;
  const fixes = [given?.actions ?? []].flat().map((action) => fixOf(doc, action));
  return {
    ...rangeOf(doc, given),
    severity: SEVERITIES.includes(given?.severity) ? given.severity : "error",
    message: String(given?.message ?? ""),
    source: given?.source == null ? undefined : String(given.source),
    // Read whenever a tooltip is made, so a read-only text offers no fix.
    get actions() {
      return view.state.readOnly ? [] : fixes;
    },
  };
}

/** Replaces all diagnostics. */
export function showDiagnostics(view, list) {
  const found = [list ?? []].flat().map((given) => diagnosticOf(view, given));
  view.dispatch(setDiagnostics(view.state, found));
}

/** Applies the first fix of a diagnostic at the cursor. */
export function applyFirstFix(view) {
  const { head } = view.state.selection.main;
  const line = view.state.doc.lineAt(head);
  let best = null;
  forEachDiagnostic(view.state, (diagnostic, from, to) => {
    if (diagnostic.actions.length === 0 || to < line.from || from > line.to) return;
    const distance = head < from ? from - head : Math.max(0, head - to);
    if (!best || distance < best.distance) best = { diagnostic, distance };
  });
  best?.diagnostic.actions[0].apply(view);
  return best != null;
}

class Sign extends GutterMarker {
  constructor(severity, title) {
    super();
    this.severity = severity;
    this.title = title;
  }
  eq(other) {
    return other.severity === this.severity && other.title === this.title;
  }
  toDOM() {
    const dom = document.createElement("span");
    dom.className = `cm-sign cm-sign-${this.severity}`;
    dom.title = this.title;
    return dom;
  }
}

function signsOf(state) {
  const byLine = new Map();
  forEachDiagnostic(state, ({ severity, message }, from) => {
    const start = state.doc.lineAt(from).from;
    const { severity: worst = "hint", messages = [] } = byLine.get(start) ?? {};
    const rank = Math.max(SEVERITIES.indexOf(worst), SEVERITIES.indexOf(severity));
    byLine.set(start, { severity: SEVERITIES[rank], messages: [...messages, message] });
  });
  const ranges = [];
  for (const [start, { severity, messages }] of byLine) ranges.push(new Sign(severity, messages.join("\n")).range(start));
  return RangeSet.of(ranges, true);
}

const signs = StateField.define({
  create: () => RangeSet.empty,
  update(value, transaction) {
    const set = transaction.effects.some((effect) => effect.is(setDiagnosticsEffect));
    return set || (transaction.docChanged && value.size) ? signsOf(transaction.state) : value;
  },
});

/** Selects the first diagnostic of the line and shows its tooltip until the cursor leaves it. */
function openSign(view, block) {
  let found = null;
  forEachDiagnostic(view.state, (diagnostic, from, to) => {
    if (from >= block.from && from <= block.to && (!found || from < found.from)) found = { from, to };
  });
  if (!found) return false;
  const { from, to } = found;
  view.dispatch({ selection: { anchor: from } });
  view.focus();
  activateHover(view, from, 1, {
    until: (transaction) =>
      transaction.docChanged || transaction.newSelection.main.head < from || transaction.newSelection.main.head > to,
  });
  return true;
}

const signGutter = gutter({
  class: "cm-gutter-signs",
  markers: (view) => [view.state.field(signs), view.state.field(marks)],
  domEventHandlers: { mousedown: (view, block, event) => event.button === 0 && openSign(view, block) },
});

export { nextDiagnostic };
export const diagnostics = [linter(null), typedSince, signs, signGutter];
