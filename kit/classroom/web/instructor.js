// The instructor's page: who is where, by code; open and close; the table.
const place = location.pathname;
const main = document.querySelector("#class");
const SECONDS = 2;

function element(tag, text = "", attributes = {}) {
  const made = Object.assign(document.createElement(tag), { textContent: text });
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

const title = element("h1");
const words = element("p", "", { role: "status" });
const toggle = element("button", "", { type: "button" });
const table = element("table");
const download = element("a", "All ratings (CSV)", { href: `${place}/ratings.csv`, download: "ratings.csv" });
main.replaceChildren(title, words, toggle, table, element("p"), download);

function paint(found) {
  title.textContent = `Join code: ${found.code}`;
  words.textContent = `${found.people.length} people, ${found.ratings} answers; ${found.open ? "open" : "closed"} for new ones`;
  toggle.textContent = found.open ? "Close the door" : "Open the door";
  toggle.onclick = () => ask(found.open ? "close" : "open", "POST");
  const head = element("tr");
  head.append(...["code", "learns", "view", "is at", "answered", "same face again"].map((name) => element("th", name, { scope: "col" })));
  const rows = found.people.map((one) => {
    const row = element("tr");
    const again = one.again ? `${one.same} of ${one.again}` : "";
    row.append(...[one.code, one.identity, one.view, one.at, `${one.answered} of ${one.total}`, again].map((text) => element("td", text)));
    return row;
  });
  table.replaceChildren(head, ...rows);
}

async function ask(what, method = "GET") {
  try {
    const found = await fetch(`${place}/${what}`, { method });
    if (found.ok) paint(await found.json());
    else words.textContent = await found.text();
  } catch {
    words.textContent = "The server does not answer.";
  }
}

await ask("state");
setInterval(() => ask("state"), SECONDS * 1000);
