// What the pages share: elements, and the key that a browser keeps.
export function element(tag, text = "", attributes = {}, ...children) {
  const made = document.createElement(tag);
  made.append(text, ...children);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// A browser that allows nothing to be kept is no reason to fail: the address holds the key, too.
export function keep(key) {
  try {
    if (key) localStorage.setItem("key", key);
    else localStorage.removeItem("key");
  } catch { /* nothing is kept */ }
}

export function known() {
  try {
    return localStorage.getItem("key") ?? "";
  } catch {
    return "";
  }
}

export function spaced(key) {
  return key.match(/.{1,4}/g)?.join("-") ?? "";
}
