// The instructor's page: the code for the wall, who is where, the class's portrait, the door, the tables.
import { element } from "../../teaching/element.js";

const SECONDS = 2;
const secret = location.hash.slice(1) || sessionStorage.getItem("secret") || "";
const headers = { Authorization: `Bearer ${secret}` };
sessionStorage.setItem("secret", secret); // survives a reload, and stands in no address on the wall
history.replaceState(null, "", "/i");

const DOORS = {
  open: ["Open the door", "The door is open: people can come in."],
  closed: ["Close the door", "The door is closed: nobody new comes in, and those who are in go on."],
  over: ["End the experiment", "The experiment is over: nobody can answer any more, and the tables are written."],
};

const trouble = element("p", { role: "alert", className: "note" });
const wall = element("section", { className: "wall" });
const counts = element("p", { role: "status", className: "counts" });
const trust = element("p");
const doors = element("p", { className: "doors" });
const faces = element("section");
const truth = element("input", { type: "checkbox", id: "truth" });
const rows = element("tbody");
const said = element("p", { role: "status" });
let version = -1, shown = false, people = "", link = "";

// Says it once: what is written again is read aloud again.
function tell(part, words) {
  if (part.textContent !== words) part.textContent = words;
}

function button(label, act, attributes = {}) {
  return element("button", { type: "button", onclick: act, ...attributes }, label);
}

function table() {
  const names = ["code", "learns", "view", "", "answered", "same face again"];
  const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)));
  return element("div", { className: "wide" }, element("table", {}, element("thead", {}, head), rows));
}

// Folded at first: whoever still rates would be led by it.
function mind() {
  return element("details", {}, element("summary", {}, "Show it (when all have finished: it would lead those who still rate)"), faces,
    element("p", {}, truth, " ", element("label", { for: "truth" }, "Beside it, the face that was learned")));
}

function forget() {
  const form = element("form", {}, element("label", { for: "key" }, "Code of somebody who withdraws "),
    element("input", { id: "key", name: "key", autocomplete: "off", required: true }), " ", element("button", {}, "Delete"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask("forget", "POST", new URLSearchParams({ key: form.querySelector("input").value }), "Deleted.");
    form.reset();
  });
  return form;
}

function build() {
  truth.addEventListener("change", () => { version = -1; ask("state"); });
  document.querySelector("#class").replaceChildren(
    element("h1", {}, "The class becomes the experiment"), trouble, wall, counts, trust, doors,
    element("h2", {}, "The face in the class’s mind"), mind(),
    element("h2", {}, "Who is where"), table(),
    element("h2", {}, "The answers"),
    element("p", {}, button("Table of all, anonymous (CSV)", () => download("ratings.csv")), " ",
      button("For laboratories: with codes and times (ZIP)", () => download("dataset.zip"))),
    element("p", {}, "The first has new numbers for people and no times of day: this is the one to pass on. The second is personal data."),
    forget(), said,
  );
}

function paint(found) {
  tell(trouble, found.trouble ? `Answers cannot be saved: ${found.trouble}. Participants’ pages keep theirs and try again.` : "");
  const n = found.people.length;
  tell(counts, `${n} ${n === 1 ? "person" : "people"}, ${found.ratings} answers, ${found.finished} finished. ${DOORS[found.door][1]}`);
  tell(trust, found.words);
  if (link !== found.link) paintWall(found);
  if (doors.dataset.door !== found.door) paintDoors(found.door);
  const cells = found.people.map((one) => [one.code, one.identity, one.view, one.at, `${one.answered} of ${one.total}`,
    one.again ? `${one.same} of ${one.again}` : ""]);
  if (people !== JSON.stringify(cells)) {
    people = JSON.stringify(cells);
    rows.replaceChildren(...cells.map((row) => element("tr", {}, ...row.map((text) => element("td", {}, text)))));
  }
  if (version !== found.version || shown !== truth.checked) paintFaces();
}

function paintDoors(door) {
  doors.dataset.door = door;
  doors.replaceChildren(...Object.entries(DOORS).map(([name, [label]]) =>
    button(label, () => ask(name, "POST"), name === door ? { disabled: true } : {})));
}

function paintWall(found) {
  link = found.link;
  const code = element("div", { className: "code", role: "img", "aria-label": `A code for cameras: ${found.link}` });
  code.innerHTML = found.qr; // drawn by the server
  wall.replaceChildren(code, element("div", {}, element("p", {}, "Point a camera at it, or open"),
    element("p", { className: "address" }, found.address), element("p", {}, "and type the code"),
    element("p", { className: "join" }, found.code)));
}

async function paintFaces() {
  shown = truth.checked;
  const found = await get(`portraits${shown ? "?true=1" : ""}`);
  if (!found) return;
  version = found.version;
  faces.replaceChildren(...(found.portraits.length ? found.portraits.map(portrait)
    : [element("p", {}, "It appears after 30 rated panels, and is drawn again as answers come.")]));
}

function portrait(one) {
  const pictures = [[one.face, `What the class has in mind for ${one.identity}`], [one.map, "Where it is sure: orange outward, blue inward"],
    ...(one.true ? [[one.true, `${one.identity}, the face that was learned`]] : [])];
  return element("article", {}, element("h3", {}, one.identity),
    element("div", { className: "portraits" }, ...pictures.map(([src, words]) =>
      element("figure", {}, element("img", { src, alt: words }), element("figcaption", {}, words)))),
    element("p", {}, one.words), ...(one.comparison ? [element("p", {}, one.comparison)] : []));
}

async function get(what) {
  try {
    const found = await fetch(`/i/${what}`, { headers });
    return found.ok ? await found.json() : null;
  } catch {
    return null;
  }
}

async function ask(what, method = "GET", body = undefined, done = "") {
  try {
    const found = await fetch(`/i/${what}`, { method, headers, body });
    if (found.ok) {
      paint(await found.json());
      if (done) said.textContent = done;
    } else if (found.status === 404) counts.textContent = "Open the instructor’s link from the terminal again: this page does not know it.";
    else said.textContent = await found.text();
  } catch {
    trouble.textContent = "The server does not answer. If it was stopped, start it with the same command: everything is kept.";
  }
}

async function download(name) {
  const found = await fetch(`/i/${name}`, { headers });
  const address = URL.createObjectURL(await found.blob());
  element("a", { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}

build();
await ask("state");
setInterval(() => ask("state"), SECONDS * 1000);
