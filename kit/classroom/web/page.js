// The key that a browser keeps for its participant.

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
