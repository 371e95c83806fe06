// The YAML editor of Podscope: plain functions over CodeMirror 6.
//
//   createEditor(parent, options) -> handle
//
// options, all optional:
//   doc                                 the text
//   label                               what the field is, for screen readers
//   readOnly                            true: the text can be read and copied only
//   nonce                               of the page's Content-Security-Policy; needed only by
//                                       browsers without constructed style sheets
//   phrases                             {English phrase: translation}
//   onChange(text)                      the text differs from what the page last set or was told
//   onCursor(line, column, offset)      the cursor moved; line and column from 1
//   onRun()                             Ctrl-Enter or Cmd-Enter
// Calls come in a microtask after the change, so never from inside a call of a handle's function.
//
// handle: text, setText, replace, setDiagnostics, setMarks, highlightLines, clearLines, reveal,
// focus, setReadOnly, setLabel, setPhrases, setCompletions, setHover, openSearch, openProblems,
// nextProblem, undo, redo, destroy. Each is documented below and in README.md.
//
// Offsets are UTF-16 code units of text(), whose lines end with "\n". A place is {from, to} or
// {line, column, endLine, endColumn}, counted from 1. What lies outside the text is clamped;
// no function throws, whatever its arguments; after destroy() each does nothing.
import "./style.js";
import { completionKeymap } from "@codemirror/autocomplete";
import {
  copyLineDown,
  copyLineUp,
  cursorMatchingBracket,
  deleteLine,
  history,
  historyKeymap,
  indentLess,
  indentMore,
  indentSelection,
  indentWithTab,
  isolateHistory,
  moveLineDown,
  moveLineUp,
  redo,
  selectLine,
  simplifySelection,
  standardKeymap,
  toggleLineComment,
  toggleTabFocusMode,
  undo,
} from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { closeLintPanel, lintKeymap, openLintPanel, previousDiagnostic } from "@codemirror/lint";
import {
  closeSearchPanel,
  findNext,
  findPrevious,
  highlightSelectionMatches,
  openSearchPanel,
  search,
  searchPanelOpen,
  selectNextOccurrence,
} from "@codemirror/search";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { completions, hover } from "./assist.js";
import { applyFirstFix, diagnostics, nextDiagnostic, showDiagnostics } from "./diagnostics.js";
import { highlightLines, lines, setMarks } from "./lines.js";
import { changesOf, clamp, difference, offsetAt, placeAt } from "./positions.js";
import { syntax } from "./syntax.js";
import { theme } from "./theme.js";

const LEAVE = "Tab indents. To leave the editor with the keyboard, press Escape, then Tab.";
const LEAVING = "Tab now leaves the editor.";

const textOf = (value) => String(value ?? "").replace(/\r\n?/g, "\n");

/** Passes calls on to the page: later, in order of need, and never once `stop` was called. */
function reporter(options) {
  let view = null;
  let known = "";
  let cursor = "";
  let waiting = false;
  const call = (name, ...values) => {
    try {
      options[name]?.(...values);
    } catch (error) {
      // One failing listener must not keep the others, nor the editor, from going on.
      reportError(error);
    }
  };
  const report = () => {
    waiting = false;
    if (!view) return;
    const { doc, selection } = view.state;
    const text = doc.toString();
    if (text !== known) {
      known = text;
      call("onChange", text);
    }
    if (!view) return;
    const { line, column } = placeAt(doc, selection.main.head);
    const place = `${line}:${column}:${selection.main.head}`;
    if (place !== cursor) {
      cursor = place;
      call("onCursor", line, column, selection.main.head);
    }
  };
  return {
    start(started) {
      view = started;
      known = view.state.doc.toString();
    },
    knows(text) {
      known = text;
    },
    changed() {
      if (!waiting) queueMicrotask(report);
      waiting = true;
    },
    run() {
      queueMicrotask(() => view && call("onRun"));
      return true;
    },
    stop() {
      view = null;
    },
  };
}

const announceLeaving = EditorView.domEventHandlers({
  keydown(event, view) {
    if (event.key === "Escape" && !event.isComposing) {
      view.dispatch({ effects: EditorView.announce.of(view.state.phrase(LEAVING)) });
    }
    return false;
  },
});

// CodeMirror's own key bindings, less the commands a manifest does not need: they are downloaded.
const searchScope = "editor search-panel";
const searchKeymap = [
  { key: "Mod-f", run: openSearchPanel, scope: searchScope },
  { key: "F3", run: findNext, shift: findPrevious, scope: searchScope, preventDefault: true },
  { key: "Mod-g", run: findNext, shift: findPrevious, scope: searchScope, preventDefault: true },
  { key: "Escape", run: closeSearchPanel, scope: searchScope },
  { key: "Mod-d", run: selectNextOccurrence, preventDefault: true },
];
const lineKeymap = [
  { key: "Escape", run: simplifySelection },
  { key: "Alt-ArrowUp", run: moveLineUp, shift: copyLineUp },
  { key: "Alt-ArrowDown", run: moveLineDown, shift: copyLineDown },
  { key: "Alt-l", mac: "Ctrl-l", run: selectLine },
  { key: "Mod-[", run: indentLess },
  { key: "Mod-]", run: indentMore },
  { key: "Mod-Alt-\\", run: indentSelection },
  { key: "Shift-Mod-k", run: deleteLine },
  { key: "Shift-Mod-\\", run: cursorMatchingBracket },
  { key: "Mod-/", run: toggleLineComment },
  { key: "Ctrl-m", mac: "Shift-Alt-m", run: toggleTabFocusMode },
];

const editing = [
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightSpecialChars(),
  history(),
  foldGutter({ openText: "▾", closedText: "▸" }),
  drawSelection(),
  EditorState.allowMultipleSelections.of(true),
  EditorState.tabSize.of(2),
  indentUnit.of("  "),
  indentOnInput(),
  bracketMatching(),
  highlightActiveLine(),
  highlightSelectionMatches(),
  search({ top: true }),
  yaml(),
  announceLeaving,
  keymap.of([
    { key: "Mod-.", run: applyFirstFix },
    { key: "Shift-F8", run: previousDiagnostic },
    ...lineKeymap,
    ...searchKeymap,
    ...standardKeymap,
    ...historyKeymap,
    ...foldKeymap,
    ...completionKeymap,
    ...lintKeymap,
    indentWithTab,
  ]),
];

const readOnlyOf = (flag) => EditorState.readOnly.of(Boolean(flag));
const labelOf = (label) => EditorView.contentAttributes.of({ "aria-label": String(label ?? "YAML") });
const phrasesOf = (phrases) => EditorState.phrases.of({ ...phrases });
const describe = EditorView.contentAttributes.of((view) => ({
  "aria-description": view.state.phrase(LEAVE),
  "aria-readonly": String(view.state.readOnly),
  autocapitalize: "off",
  autocorrect: "off",
  spellcheck: "false",
  translate: "no",
}));

/** Panels take their words once, when they open. */
function reopenPanels(view) {
  if (searchPanelOpen(view.state)) {
    closeSearchPanel(view);
    openSearchPanel(view);
  }
  if (closeLintPanel(view)) openLintPanel(view);
}

/** Makes an editor inside `parent`, an element of the document or of a shadow root. */
export function createEditor(parent, options = {}) {
  const given = options ?? {};
  const calls = reporter(given);
  const readOnly = new Compartment();
  const label = new Compartment();
  const phrases = new Compartment();
  let askCompletions = null;
  let askHover = null;

  let view = new EditorView({
    parent,
    root: parent.getRootNode(),
    state: EditorState.create({
      doc: textOf(given.doc),
      extensions: [
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: calls.run }])),
        diagnostics,
        editing,
        lines,
        syntax,
        theme,
        describe,
        completions(() => askCompletions),
        hover(() => askHover),
        readOnly.of(readOnlyOf(given.readOnly)),
        label.of(labelOf(given.label)),
        phrases.of(phrasesOf(given.phrases)),
        given.nonce ? EditorView.cspNonce.of(String(given.nonce)) : [],
        EditorView.updateListener.of((update) => {
          if (update.docChanged || update.selectionSet) calls.changed();
        }),
      ],
    }),
  });
  calls.start(view);

  const functions = {
    /** The text, lines ended by "\n". */
    text: () => view.state.doc.toString(),

    /** Makes `text` the text by the smallest change: one undo step, the cursor stays where it was. */
    setText(text) {
      const wanted = textOf(text);
      const change = difference(view.state.doc, wanted);
      calls.knows(wanted);
      if (change) view.dispatch({ changes: change, userEvent: "set", annotations: isolateHistory.of("full") });
    },

    /** Replaces what stands between two offsets; onChange follows. */
    replace(from, to, text) {
      const changes = changesOf(view.state.doc, { from: from ?? 0, to: to ?? from ?? 0, insert: textOf(text) });
      view.dispatch({ changes, userEvent: "input.replace", annotations: isolateHistory.of("full") });
    },

    /** Replaces all diagnostics: `[{place, severity, message, source, actions: [{name, edits}]}]`. */
    setDiagnostics: (list) => showDiagnostics(view, list),

    /** Replaces all gutter marks: `[{line, kind, title}]`. */
    setMarks: (list) => setMarks(view, list),

    /** Highlights whole lines, replacing those highlighted before; null: none. */
    highlightLines: (first, last) => highlightLines(view, first, last),

    /** Takes the highlight of lines away. */
    clearLines: () => highlightLines(view, null),

    /** Puts the cursor at a line and column and scrolls it to the middle; takes no focus. */
    reveal(line, column) {
      const anchor = clamp(view.state.doc, offsetAt(view.state.doc, line, column));
      view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
    },

    /** Gives the editor the keyboard. */
    focus: () => view.focus(),

    /** Lets the text be changed by the person, or not; the page's own calls still change it. */
    setReadOnly: (flag) => view.dispatch({ effects: readOnly.reconfigure(readOnlyOf(flag)) }),

    /** Replaces the label that screen readers say. */
    setLabel: (text) => view.dispatch({ effects: label.reconfigure(labelOf(text)) }),

    /** Replaces the translations. */
    setPhrases(table) {
      view.dispatch({ effects: phrases.reconfigure(phrasesOf(table)) });
      reopenPanels(view);
    },

    /** `ask(text, offset, explicit)`, which may be async, gives `{from, to, options}` or null. */
    setCompletions(ask) {
      askCompletions = ask ?? null;
    },

    /** `ask(text, offset)`, which may be async, gives `{from, to, title, detail, text, dom}` or null. */
    setHover(ask) {
      askHover = ask ?? null;
    },

    /** Opens the search panel and gives it the keyboard. */
    openSearch: () => openSearchPanel(view),

    /** Opens the list of diagnostics and gives it the keyboard. */
    openProblems: () => openLintPanel(view),

    /** Goes to the next diagnostic and shows it. */
    nextProblem: () => nextDiagnostic(view),

    undo: () => undo(view),
    redo: () => redo(view),

    /** Removes the editor from the page. */
    destroy() {
      calls.stop();
      view.destroy();
      view = null;
    },
  };

  const handle = {};
  for (const [name, run] of Object.entries(functions)) {
    handle[name] = (...values) => (view ? run(...values) : name === "text" ? "" : undefined);
  }
  return handle;
}
