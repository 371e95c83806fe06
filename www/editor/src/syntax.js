// What the YAML parser leaves out of highlighting: plain scalars that are
// numbers, booleans or null; indentation guides; the indent after `key:`.
import { HighlightStyle, indentService, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { Decoration, EditorView, ViewPlugin } from "@codemirror/view";
import { RangeSetBuilder } from "@codemirror/state";
import { tags } from "@lezer/highlight";

const colour = (name) => ({ color: `var(--syntax-${name}, inherit)` });

const style = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), ...colour("key") },
  { tag: [tags.string, tags.content], ...colour("string") },
  { tag: tags.special(tags.string), ...colour("punct") },
  { tag: [tags.lineComment, tags.meta], ...colour("comment") },
  { tag: [tags.labelName, tags.typeName, tags.keyword], ...colour("keyword") },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], ...colour("punct") },
]);

const NUMBER = /^[-+]?(?:0x[\da-f]+|0o?[0-7]+|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|\.inf)$|^\.nan$/i;
const KEYWORD = /^(?:true|false|null|~)$/i;
const number = Decoration.mark({ class: "cm-number" });
const keyword = Decoration.mark({ class: "cm-keyword" });

function scalars(view) {
  const found = new RangeSetBuilder();
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({
      from,
      to,
      enter(node) {
        if (node.name !== "Literal" || node.to - node.from > 40 || node.matchContext(["Key"])) return;
        const text = view.state.sliceDoc(node.from, node.to);
        const mark = NUMBER.test(text) ? number : KEYWORD.test(text) ? keyword : null;
        if (mark) found.add(node.from, node.to, mark);
      },
    });
  }
  return found.finish();
}

const scalarKinds = ViewPlugin.fromClass(
  class {
    constructor(view) {
      this.decorations = scalars(view);
    }
    update(update) {
      const parsed = syntaxTree(update.startState) !== syntaxTree(update.state);
      if (update.docChanged || update.viewportChanged || parsed) this.decorations = scalars(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

const BLANKS_BRIDGED = 20;
const guides = new Map();

function guideOf(indent) {
  let guide = guides.get(indent);
  if (!guide) {
    guide = Decoration.line({ class: "cm-guides", attributes: { style: `--editor-indent: ${indent}ch` } });
    guides.set(indent, guide);
  }
  return guide;
}

/** Spaces at the head of a line; of a blank line, those of the next line with text. */
function indentAt(doc, line) {
  for (let number = line.number; number <= Math.min(doc.lines, line.number + BLANKS_BRIDGED); number++) {
    const { text } = doc.line(number);
    if (text.trim()) return text.match(/^ */)[0].length;
  }
  return 0;
}

function guideLines(view) {
  const found = new RangeSetBuilder();
  const { doc } = view.state;
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = doc.lineAt(at);
      const indent = Math.min(indentAt(doc, line), 80);
      if (indent > 0) found.add(line.from, line.from, guideOf(indent));
      at = line.to + 1;
    }
  }
  return found.finish();
}

const indentationGuides = ViewPlugin.fromClass(
  class {
    constructor(view) {
      this.decorations = guideLines(view);
    }
    update(update) {
      if (update.docChanged || update.viewportChanged) this.decorations = guideLines(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

// Only for a new line: what stands already may be indented in any valid way.
const indentAfterKey = indentService.of((context, pos) => {
  if (context.simulatedBreak == null) return undefined;
  const { text } = context.lineAt(pos, -1);
  const opening = /^(\s*(?:- +)*)[^\s#].*:(?:\s+[|>][-+\d]*)?\s*$/.exec(text);
  return opening && !/\s#/.test(text) ? opening[1].length + 2 : undefined;
});

export const syntax = [
  syntaxHighlighting(style),
  scalarKinds,
  indentationGuides,
  indentAfterKey,
  EditorView.theme({
    ".cm-number, .cm-number span": colour("number"),
    ".cm-keyword, .cm-keyword span": colour("keyword"),
  }),
];
