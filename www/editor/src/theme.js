// The look. Every colour is a custom property (README.md lists them); what the
// page leaves unset falls back on the colours of the system.
import { EditorView } from "@codemirror/view";

const bg = "var(--editor-bg, Canvas)";
const fg = "var(--editor-fg, CanvasText)";
const muted = "var(--editor-muted, GrayText)";
const border = "var(--editor-border, GrayText)";
const panel = "var(--editor-panel, Canvas)";
const hovered = "var(--editor-hover, ButtonFace)";
const selection = "var(--editor-selection, Highlight)";
const accent = "var(--accent, LinkText)";
const onAccent = "var(--accent-fg, Canvas)";
const sans = "var(--font-sans, system-ui, sans-serif)";
const mono = "var(--font-mono, monospace)";
const severity = {
  error: "var(--danger, LinkText)",
  warning: "var(--warning, LinkText)",
  info: accent,
  hint: muted,
};
const shape = {
  error: "circle(50%)",
  warning: "polygon(50% 4%, 100% 96%, 0 96%)",
  info: "polygon(8% 8%, 92% 8%, 92% 92%, 8% 92%)",
  hint: "polygon(50% 0, 100% 50%, 50% 100%, 0 50%)",
};

const frame = {
  "&": { height: "100%", backgroundColor: bg, color: fg, fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  // Over the gutter too, which an outline would be under.
  "&.cm-focused:after": {
    content: '""',
    position: "absolute",
    inset: "0",
    zIndex: "250",
    border: `1px solid var(--editor-focus, ${accent})`,
    pointerEvents: "none",
  },
  ".cm-scroller": { fontFamily: mono, lineHeight: "20px", overflow: "auto" },
  ".cm-content": { padding: "4px 0", caretColor: `var(--editor-cursor, ${fg})` },
  ".cm-line": { padding: "0 12px 0 4px" },
  ".cm-cursor": { borderLeft: `2px solid var(--editor-cursor, ${fg})`, marginLeft: "-1px" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: selection,
  },
  ".cm-activeLine": { backgroundColor: "var(--editor-active-line, transparent)" },
  ".cm-tied": { backgroundColor: "var(--editor-tied, transparent)", boxShadow: `inset 2px 0 0 ${accent}` },
  ".cm-specialChar": { color: severity.error },
  ".cm-guides": {
    backgroundImage:
      "repeating-linear-gradient(to right, var(--editor-guide, transparent) 0 1px, transparent 1px 2ch)",
    backgroundOrigin: "content-box",
    backgroundRepeat: "no-repeat",
    backgroundSize: "var(--editor-indent, 0) 100%",
  },
  ".cm-selectionMatch": { backgroundColor: "var(--editor-match, transparent)" },
  ".cm-searchMatch": { backgroundColor: "var(--editor-match, Mark)", outline: `1px solid ${border}` },
  ".cm-searchMatch-selected": { backgroundColor: "var(--editor-match-current, Mark)", outlineColor: accent },
  "&.cm-focused .cm-matchingBracket, .cm-matchingBracket": {
    backgroundColor: "var(--editor-bracket, transparent)",
    outline: `1px solid ${border}`,
  },
  "&.cm-focused .cm-nonmatchingBracket, .cm-nonmatchingBracket": {
    backgroundColor: "transparent",
    outline: `1px solid ${severity.error}`,
  },
  ".cm-foldPlaceholder": {
    margin: "0 4px",
    padding: "0 4px",
    border: `1px solid ${border}`,
    backgroundColor: hovered,
    color: fg,
  },
};

const gutters = {
  ".cm-gutters, .cm-gutters.cm-gutters-before": {
    border: "none",
    backgroundColor: `var(--editor-gutter, ${bg})`,
    color: `var(--editor-gutter-fg, ${muted})`,
  },
  ".cm-activeLineGutter": {
    backgroundColor: "var(--editor-active-line, transparent)",
    color: `var(--editor-gutter-active, ${fg})`,
  },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 4px", minWidth: "24px", fontVariantNumeric: "tabular-nums" },
  ".cm-foldGutter .cm-gutterElement": { width: "14px", padding: "0", textAlign: "center", cursor: "pointer" },
  ".cm-gutter-signs": { boxSizing: "border-box", width: "26px" },
  ".cm-gutter-signs .cm-gutterElement": { display: "flex", alignItems: "center", justifyContent: "center", gap: "2px" },
  ".cm-sign": { flex: "none", width: "10px", height: "10px", boxSizing: "border-box", forcedColorAdjust: "none" },
  ".cm-mark": { border: `1.5px dashed var(--editor-mark, ${muted})`, borderRadius: "50%" },
};

const floating = {
  ".cm-tooltip": {
    border: `1px solid ${border}`,
    borderRadius: "4px",
    backgroundColor: `var(--editor-tooltip, ${panel})`,
    color: fg,
    fontFamily: sans,
    maxWidth: "min(560px, 90vw)",
    boxShadow: "0 4px 16px var(--editor-shadow, transparent)",
  },
  ".cm-tooltip .cm-tooltip-arrow:before": { borderTopColor: border, borderBottomColor: border },
  ".cm-tooltip-section:not(:first-child)": { borderTop: `1px solid ${border}` },
  ".cm-hover": { padding: "6px 10px", lineHeight: "18px" },
  ".cm-hover-title, .cm-hover-detail": { fontFamily: mono, marginRight: "8px" },
  ".cm-hover-detail": { color: muted },
  ".cm-hover-text": { margin: "4px 0 0", whiteSpace: "pre-wrap" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: mono, maxHeight: "240px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "1px 8px", lineHeight: "20px" },
  ".cm-tooltip-autocomplete ul li[aria-selected], .cm-tooltip-autocomplete-disabled ul li[aria-selected]": {
    backgroundColor: accent,
    color: onAccent,
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "bold" },
  ".cm-completionDetail": { fontStyle: "normal", marginLeft: "12px", color: muted },
  ".cm-tooltip-autocomplete ul li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-completionListIncompleteTop:before, .cm-completionListIncompleteBottom:after": { color: muted, opacity: "1" },
};

const control = {
  border: `1px solid ${border}`,
  borderRadius: "4px",
  backgroundImage: "none",
  backgroundColor: bg,
  color: fg,
  font: "inherit",
  lineHeight: "20px",
  padding: "1px 8px",
};

const panels = {
  ".cm-panels": { backgroundColor: panel, color: fg, fontFamily: sans, fontSize: "13px" },
  ".cm-panels.cm-panels-top": { borderBottom: `1px solid ${border}` },
  ".cm-panels.cm-panels-bottom": { borderTop: `1px solid ${border}` },
  ".cm-panel.cm-search": { padding: "4px 32px 4px 8px" },
  ".cm-panel.cm-search label": { fontSize: "12px" },
  ".cm-panel .cm-textfield": control,
  ".cm-panel .cm-textfield::placeholder": { color: muted, opacity: "1" },
  ".cm-panel .cm-button": { ...control, cursor: "pointer" },
  ".cm-panel .cm-button:hover, .cm-panel .cm-button:active": { backgroundColor: hovered, backgroundImage: "none" },
  ".cm-panel.cm-search [name=close], .cm-panel.cm-panel-lint [name=close]": {
    backgroundColor: "transparent",
    color: fg,
    fontSize: "16px",
    width: "24px",
    height: "24px",
    lineHeight: "24px",
    cursor: "pointer",
  },
  ".cm-panel button:focus-visible, .cm-panel input:focus-visible, .cm-tooltip button:focus-visible": {
    outline: `2px solid ${accent}`,
    outlineOffset: "1px",
  },
  ".cm-panel input[type=checkbox]": { accentColor: accent },
  ".cm-panel.cm-panel-lint ul": { maxHeight: "140px", padding: "2px 28px 2px 2px" },
  ".cm-panel.cm-panel-lint ul:focus": { outline: `2px solid ${accent}`, outlineOffset: "-2px" },
  ".cm-panel.cm-panel-lint ul [aria-selected]": { backgroundColor: hovered },
  ".cm-panel.cm-panel-lint ul:focus [aria-selected]": { backgroundColor: hovered, color: fg },
};

const problems = {
  ".cm-diagnostic": { padding: "4px 8px", lineHeight: "18px", marginLeft: "0" },
  ".cm-diagnosticAction": {
    backgroundColor: accent,
    color: onAccent,
    borderRadius: "4px",
    padding: "1px 8px",
    margin: "2px 0 2px 8px",
  },
  ".cm-diagnosticSource": { fontSize: "12px", opacity: "1", color: muted },
  ".cm-lintRange": { backgroundImage: "none", textDecorationSkipInk: "none", textUnderlineOffset: "3px" },
  ".cm-lintRange-active": { backgroundColor: hovered },
};
for (const [name, colour] of Object.entries(severity)) {
  problems[`.cm-diagnostic-${name}`] = { borderLeft: `4px solid ${colour}` };
  problems[`.cm-lintRange-${name}`] = {
    backgroundImage: "none",
    textDecoration: `underline ${name === "hint" ? "dotted" : "wavy"} 1px ${colour}`,
  };
  problems[`.cm-lintPoint-${name}:after`] = { borderBottomColor: colour };
  problems[`.cm-sign-${name}`] = { backgroundColor: colour, clipPath: shape[name], cursor: "pointer" };
}

const forced = {
  "@media (forced-colors: active)": {
    ".cm-selectionBackground": { backgroundColor: "Highlight", forcedColorAdjust: "none" },
  },
};

export const theme = EditorView.theme({ ...frame, ...gutters, ...floating, ...panels, ...problems, ...forced });
