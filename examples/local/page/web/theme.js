// Light or dark: what the system says, until the page is told otherwise.
const key = "theme";

export function theme() {
  return stored() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

// setTheme changes the colours and returns what they are.
export function setTheme(shade) {
  document.documentElement.dataset.theme = shade;
  try {
    localStorage.setItem(key, shade);
  } catch {
    // Storage is closed: the choice holds until the page is left.
  }
  return shade;
}

function stored() {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

document.documentElement.dataset.theme = theme();
