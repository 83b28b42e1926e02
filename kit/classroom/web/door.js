// The participant's page: the experiment of the lessons, with a server in the place of a kernel.
import experiment from "/static/participant.js";

const WAITS = [300, 1000, 3000, 5000]; // ms before a message is sent again; the last one again and again
const place = location.pathname;

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
      if (answer) {
        this.set("screen", answer);
        this.#fetch(answer.pictures);
        return;
      }
      offline(true);
      await new Promise((done) => { setTimeout(done, WAITS[Math.min(turn, WAITS.length - 1)]); });
    }
  }

  async #fetch(wanted) {
    for (const [key, names] of Object.entries(wanted)) {
      if (this.#fetched.has(key)) continue;
      this.#fetched.add(key);
      try {
        const jpegs = await Promise.all(names.map(picture));
        this.set("pictures", { key, jpegs });
      } catch {
        this.#fetched.delete(key);
      }
    }
  }
}

async function picture(name) {
  const found = await fetch(`${place}/picture/${name}.jpg`);
  if (!found.ok) throw new Error(`picture ${name}: ${found.status}`);
  return found.arrayBuffer();
}

// The server's answer; nothing if it cannot be reached.
async function post(message) {
  try {
    const found = await fetch(`${place}/event`, { method: "POST", body: JSON.stringify(message) });
    if (found.status >= 500) return null;
    if (!found.ok) {
      document.querySelector("main").textContent = await found.text();
      return new Promise(() => {});
    }
    offline(false);
    return await found.json();
  } catch {
    return null;
  }
}

function offline(is) {
  document.body.classList.toggle("offline", is);
  notice.textContent = is ? "Not saved yet: no connection. Keep this page open, it tries again by itself." : "";
}

const notice = document.createElement("p");
notice.id = "notice";
notice.setAttribute("role", "alert");
document.body.prepend(notice);

const main = document.querySelector("#experiment");
const withdrawal = location.hash.slice(1);
if (withdrawal) {
  const words = document.createElement("footer");
  words.append("Your code for withdrawing: ", Object.assign(document.createElement("code"), { textContent: withdrawal }),
    ". Note it, or keep this address: with it you can have your answers deleted.");
  document.body.append(words);
}

const model = new Model();
await model.send({});
main.replaceChildren();
const widget = experiment();
widget.initialize({ model });
widget.render({ model, el: main });
