// Completion and hover text, asked of functions that the page sets.
import { autocompletion } from "@codemirror/autocomplete";
import { hoverTooltip } from "@codemirror/view";
import { clamp } from "./positions.js";

function optionOf(given) {
  if (typeof given === "string") return { label: given };
  const { label, displayLabel, type, detail, info, apply, boost, section } = given ?? {};
  const text = (value) => (value == null ? undefined : String(value));
  return {
    label: String(label ?? ""),
    displayLabel: text(displayLabel),
    type: text(type),
    detail: text(detail),
    info: text(info),
    apply: text(apply),
    section: text(section),
    boost: Number(boost) || 0,
  };
}

function patternOf(source) {
  try {
    return source ? new RegExp(source) : undefined;
  } catch {
    return undefined;
  }
}

/** Asks `ask(text, offset, explicit)` for completions; `current()` gives that function or null. */
export function completions(current) {
  const source = async ({ state, pos, explicit }) => {
    const ask = current();
    if (!ask || state.readOnly) return null;
    const result = await ask(state.doc.toString(), pos, explicit);
    if (!result?.options?.length) return null;
    return {
      from: Math.min(clamp(state.doc, result.from ?? pos), pos),
      to: result.to == null ? undefined : Math.max(clamp(state.doc, result.to), pos),
      options: result.options.map(optionOf),
      filter: result.filter !== false,
      validFor: patternOf(result.validFor),
    };
  };
  return autocompletion({ override: [source], icons: false, aboveCursor: false });
}

function element(name, className, text) {
  const dom = document.createElement(name);
  dom.className = className;
  dom.textContent = text;
  return dom;
}

function hoverDom({ title, detail, text, dom }) {
  const box = element("div", "cm-hover", "");
  if (title != null) box.append(element("strong", "cm-hover-title", title));
  if (detail != null) box.append(element("code", "cm-hover-detail", detail));
  if (text != null) box.append(element("p", "cm-hover-text", text));
  if (dom instanceof Node) box.append(dom);
  return box;
}

/** Asks `ask(text, offset)` for what to show over a place; `current()` gives that function or null. */
export function hover(current) {
  return hoverTooltip(async (view, pos) => {
    const ask = current();
    const { doc } = view.state;
    const result = ask && (await ask(doc.toString(), pos));
    if (!result || view.state.doc !== doc) return null;
    const start = clamp(doc, result.from ?? pos);
    return {
      pos: start,
      end: Math.max(start, clamp(doc, result.to ?? pos)),
      above: true,
      create: () => ({ dom: hoverDom(result) }),
    };
  });
}
