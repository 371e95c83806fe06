// Style sheets without 'unsafe-inline'.
//
// CodeMirror writes its rules into a <style> element of the document, which a
// strict Content-Security-Policy refuses. Constructed style sheets are not
// subject to `style-src`, so they are used for the document too, not only for
// shadow roots. Browsers without them get the <style> element and the nonce.
import { StyleModule } from "style-mod";

const mountElement = StyleModule.mount;
const sheetsOfDocument = new WeakMap();

function sheetOf(document, module) {
  let sheets = sheetsOfDocument.get(document);
  if (!sheets) sheetsOfDocument.set(document, (sheets = new Map()));
  let sheet = sheets.get(module);
  if (!sheet) {
    // A constructed sheet can only be adopted inside the document it was made for.
    sheet = new document.defaultView.CSSStyleSheet();
    sheet.replaceSync(module.getRules());
    sheets.set(module, sheet);
  }
  return sheet;
}

StyleModule.mount = function mount(root, modules, options) {
  const document = root.ownerDocument || root;
  if (!root.adoptedStyleSheets || !document.defaultView) {
    mountElement.call(StyleModule, root, modules, options);
    return;
  }
  const wanted = [modules].flat().map((module) => sheetOf(document, module));
  const present = root.adoptedStyleSheets.filter((sheet) => wanted.includes(sheet));
  if (wanted.every((sheet, index) => sheet === present[index])) return;
  const others = root.adoptedStyleSheets.filter((sheet) => !wanted.includes(sheet));
  root.adoptedStyleSheets = [...others, ...wanted];
};
