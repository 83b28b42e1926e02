// Reports what was moved or pressed; Python answers with a new picture. Continuous moves never queue.
import { element } from "../teaching/element.js";
import { hearing } from "../teaching/hearing.js";

const HELP = "With a mouse: drag a point; double-click on an empty place to add one; double-click a point to change "
  + "its class. By keyboard: Tab goes to the sliders, the buttons and then into the plane, where N and P go to the "
  + "next and the previous point, arrows move it, Enter changes its class, and Delete removes it.";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @param {any[]} spec */
function slider([name, label, min, max, step]) {
  const input = element("input", { type: "range", name, min, max, step });
  const side = element("output");
  side.setAttribute("aria-hidden", "true"); // the slider itself says its value
  input.dataset.lmSuppressShortcuts = "true"; // else JupyterLab takes arrows as its shortcuts
  function write(value) {
    input.value = value;
    const words = `${value.toFixed(name === "rate" ? 1 : 2).replace("-", "−")}`;
    side.textContent = words;
    input.setAttribute("aria-valuetext", words);
  }
  const row = element("div", { className: "tk-row" }, element("label", {}, element("span", {}, label), input), side);
  return { name, input, row, write };
}

function render({ model, el }) {
  const [nobody, somebody] = model.get("names");
  const { left, top, side, reach, axes } = model.get("plot");
  const plane = element("div", { className: "tk-plane" });
  const sliders = [
    ["w1", `weight of ${axes[0]}`, -5, 5, 0.1], ["w2", `weight of ${axes[1]}`, -5, 5, 0.1],
    ["bias", "bias", -5, 5, 0.1], ["rate", "learning rate", 0.1, 1, 0.1],
  ].map(slider);
  const news = element("div", { className: "tk-news" });
  const button = (words, action) => {
    const made = element("button", { type: "button" }, words);
    made.dataset.action = made.dataset.id = action;
    made.dataset.lmSuppressShortcuts = "true";
    return made;
  };
  const buttons = element("div", {}, button("Learn from one point", "point"), button("One epoch", "epoch"),
    button("Forget all", "forget"), button(`Add a ■ ${nobody}`, "add-0"), button(`Add a ● ${somebody}`, "add-1"));
  const help = element("details", {}, element("summary", {}, "Mouse and keyboard"), element("p", {}, HELP));
  const rate = sliders[3].input;
  const queue = [];
  let serial = 0, waiting = false, current = 0, dragged = null, held = false, ahead = null;

  // A newer position of the same thing replaces one that was not sent yet.
  function send(message) {
    const last = queue.at(-1);
    const same = last && ["action", "row", "name"].every((key) => last[key] === message[key]);
    if (same && ["weight", "move"].includes(message.action)) queue.pop();
    queue.push(message);
    if (!waiting) next();
  }

  function next() {
    if (!queue.length) return;
    waiting = true;
    serial += 1;
    model.send({ ...queue.shift(), serial, rate: rate.valueAsNumber });
  }

  const points = () => [...plane.querySelectorAll("[data-row]")];

  function place(event) {
    const svg = plane.querySelector("svg");
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return { x: ((at.x - left) / side) * 2 * reach - reach, y: reach - ((at.y - top) / side) * 2 * reach };
  }

  function where(row) {
    const at = points()[row].transform.baseVal[0].matrix;
    return { x: ((at.e - left) / side) * 2 * reach - reach, y: reach - ((at.f - top) / side) * 2 * reach };
  }

  // One point at a time is in the Tab order, so that forty points are not forty stops.
  function offer() {
    current = Math.max(0, Math.min(current, points().length - 1));
    points().forEach((point, row) => {
      point.setAttribute("tabindex", row === current ? "0" : "-1");
      point.dataset.lmSuppressShortcuts = "true";
    });
  }

  function paint() {
    const { svg, news: words, values } = model.get("scene");
    held = plane.contains(document.activeElement) || held;
    plane.innerHTML = svg;
    news.textContent = words;
    // Keys may come faster than answers: an old answer must not take back a newer value.
    const asked = new Set(queue.map((message) => message.name));
    sliders.forEach((one) => {
      if (one.name in values && one.input !== grabbed && !asked.has(one.name)) one.write(values[one.name]);
    });
    offer();
    if (held) points()[current]?.focus();
    held = false;
    waiting = false;
    if (!queue.length) ahead = null;
    next();
  }

  let grabbed = null; // the slider that a hand is on keeps its own value
  el.addEventListener("input", ({ target }) => {
    grabbed = target;
    sliders.find((one) => one.input === target).write(target.valueAsNumber);
    if (target !== rate) send({ action: "weight", name: target.name, value: target.valueAsNumber });
  });
  el.addEventListener("change", () => { grabbed = null; });

  buttons.addEventListener("click", ({ target }) => {
    const [action, kind] = (target.dataset.action ?? "").split("-");
    if (action === "add") {
      current = points().length;
      held = true;
      send({ action, x: 0, y: 0, target: Number(kind) });
    } else if (action) send({ action });
  });

  plane.addEventListener("pointerdown", (event) => {
    const point = event.target.closest("[data-row]");
    if (!point) return;
    event.preventDefault();
    plane.setPointerCapture(event.pointerId);
    dragged = current = Number(point.dataset.row);
    offer();
    point.focus();
  });
  plane.addEventListener("pointermove", (event) => {
    if (dragged !== null) send({ action: "move", row: dragged, ...place(event) });
  });
  for (const kind of ["pointerup", "pointercancel"]) plane.addEventListener(kind, () => { dragged = null; });
  plane.addEventListener("dblclick", (event) => {
    const at = place(event);
    const near = points().findIndex((_, row) => Math.hypot(where(row).x - at.x, where(row).y - at.y) < 0.2);
    if (near >= 0) send({ action: "flip", row: near });
    else if (Math.max(Math.abs(at.x), Math.abs(at.y)) <= reach) send({ action: "add", ...at, target: 1 });
  });
  plane.addEventListener("keydown", (event) => {
    const count = points().length;
    const step = event.shiftKey ? 0.5 : 0.1;
    if (!count || event.ctrlKey || event.metaKey || event.altKey) return;
    if (ARROWS[event.key]) {
      const [dx, dy] = ARROWS[event.key];
      // Keys may come faster than answers: go on from where the point is asked to be.
      const { x, y } = ahead ?? where(current);
      ahead = { x: x + dx * step, y: y + dy * step };
      send({ action: "move", row: current, ...ahead });
    } else if (event.key === "Enter") send({ action: "flip", row: current });
    else if (["Delete", "Backspace"].includes(event.key)) send({ action: "remove", row: current });
    else if ("nNpP".includes(event.key)) {
      ahead = null;
      current = (current + ("nN".includes(event.key) ? 1 : count - 1)) % count;
      offer();
      points()[current].focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  news.setAttribute("role", "status");
  sliders[3].write(1);
  rate.value = 1;
  el.classList.add("tk", "tk-hand-perceptron");
  el.append(plane, element("div", { className: "tk-side" }, ...sliders.map((one) => one.row), buttons, news, help));
  model.on("change:scene", paint);
  paint();
  return () => model.off("change:scene", paint);
}

export default { render: hearing(render) };
