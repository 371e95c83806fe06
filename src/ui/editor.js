// Loads the editor's module and makes an editor; `ready` gets its handle, or nothing if that failed.
export function openEditor(parent, options, ready) {
  const url = new URL("static/editor/editor.js", document.baseURI);
  import(url.href).then(
    (module) => ready(module.createEditor(parent, options)),
    () => ready(undefined),
  );
}
