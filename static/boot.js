// Before anything is painted: the language and the theme that were chosen last time.
const root = document.documentElement;
const stored = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};
root.lang = stored("podscope.lang") ?? (navigator.language.startsWith("ko") ? "ko" : "en");
const theme = stored("podscope.theme");
if (theme) root.dataset.theme = theme;
