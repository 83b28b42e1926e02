// The participant's page: the experiment of the lessons, with a server in the place of a kernel.
import experiment from "/static/participant.js";
import { element } from "../../teaching/element.js";
import { keep, known, spaced } from "./page.js";

const WAITS = [300, 1000, 3000, 5000]; // ms before a message is sent again; the last one again and again
const key = location.hash.slice(1) || known();
const headers = { Authorization: `Bearer ${key}` };
const main = document.querySelector("#experiment");
const notice = element("p", { id: "notice", role: "alert" });

// What participant.js knows of a kernel: values that change, and messages.
class Model {
  #values = { screen: {}, pictures: {} };
  #heard = new Map();
  #fetched = new Set();

  get(name) {
    return this.#values[name];
  }

  on(event, act) {
    this.#heard.set(event, [...(this.#heard.get(event) ?? []), act]);
  }

  off(event, act) {
    this.#heard.set(event, (this.#heard.get(event) ?? []).filter((one) => one !== act));
  }

  set(name, value) {
    this.#values[name] = value;
    for (const act of this.#heard.get(`change:${name}`) ?? []) act();
  }

  // Sent until the server has answered: an answer with the same serial is stored once.
  async send(message) {
    if ("missing" in message) this.#fetched.delete(message.missing);
    for (let turn = 0; ; turn += 1) {
      const answer = await post(message);
      if (answer?.declined) return leave(answer.declined);
      if (answer) {
        this.set("screen", answer);
        about(answer);
        return this.#fetch(answer.pictures);
      }
      say("Not saved yet: no connection. Keep this page open, it tries again by itself.");
      await pause(turn);
    }
  }

  // One display after the other, the nearest first.
  async #fetch(wanted) {
    for (const name of wanted) {
      if (this.#fetched.has(name)) continue;
      this.#fetched.add(name);
      try {
        this.set("pictures", { key: name, jpegs: await pictures(name) });
      } catch {
        this.#fetched.delete(name);
        if (name === this.#values.screen.key) { // wanted now: ask again
          await pause(1);
          return this.#fetch(wanted);
        }
      }
    }
  }
}

function pause(turn) {
  return new Promise((done) => { setTimeout(done, WAITS[Math.min(turn, WAITS.length - 1)]); });
}

// All pictures of a display: for each its length in four bytes, then the JPEG.
async function pictures(name) {
  const found = await fetch(`/p/pictures/${name}`, { headers });
  if (!found.ok) throw new Error(`${name}: ${found.status}`);
  const bytes = await found.arrayBuffer(), view = new DataView(bytes), jpegs = [];
  for (let at = 0; at < bytes.byteLength; at += 4 + view.getUint32(at)) {
    jpegs.push(bytes.slice(at + 4, at + 4 + view.getUint32(at)));
  }
  return jpegs;
}

// The server's answer; nothing if it cannot be reached.
async function post(message) {
  let found;
  try {
    found = await fetch("/p/event", { method: "POST", headers, body: JSON.stringify(message) });
    if (found.status >= 500 || found.status === 429) return null;
    if (found.ok) {
      say("");
      return await found.json();
    }
  } catch {
    return null;
  }
  leave(await found.text());
  return new Promise(() => {});
}

function say(words) {
  notice.textContent = words;
}

// Nothing more to answer here.
function leave(words) {
  say("");
  keep("");
  main.replaceChildren(element("p", {}, words), element("p", {}, element("a", { href: "/" }, "To the door")));
  document.querySelector("#own").replaceChildren();
}

// One's own code, and at the end the way back to a platform.
function about(screen) {
  const own = document.querySelector("#own");
  const words = screen.finished ? "With it you can have your answers deleted"
    : "Note it: with it you go on elsewhere, and can have your answers deleted";
  own.replaceChildren(
    ...(screen.completion ? [element("p", {}, element("a", { href: screen.completion, className: "button" }, "Back to where you came from: this confirms that you took part"))] : []),
    element("p", {}, "Your own code: ", element("code", {}, spaced(key)), `. ${words}.`),
  );
  keep(screen.finished ? "" : key);
}

document.body.prepend(notice);
if (!location.hash && key) history.replaceState(null, "", `#${key}`);
const model = new Model();
await model.send({});
if (model.get("screen").title) {
  main.replaceChildren();
  const widget = experiment();
  widget.initialize({ model });
  widget.render({ model, el: main });
}
