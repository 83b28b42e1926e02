// The experiment in the browser: paints what Python says, times answers, sends one message an answer.
import { element } from "../teaching/element.js";
import { hearing } from "../teaching/hearing.js";

const WAITING = "Waiting for Python. If a cell is still running, the answer is stored after it; "
  + "if the kernel has stopped, run this cell again: you go on where you were.";
const TOO_SOON = 150; // ms after something new in which nobody can have answered it: a bounced key, a double click
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function button(label, act, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, ...[label].flat());
  made.addEventListener("click", act);
  return made;
}

// What only helps those who have a keyboard.
const key = (words) => element("span", { className: "tk-key" }, words);

// Keeps the pictures that have come, by their key, decoded, so that painting does not wait for it.
function collect(model, store) {
  function take() {
    const { key, jpegs } = model.get("pictures");
    if (!key || store.has(key)) return;
    const pictures = jpegs.map((jpeg) => element("img", { alt: "", draggable: false,
      src: URL.createObjectURL(new Blob([jpeg], { type: "image/jpeg" })) }));
    const entry = { pictures, decoded: false };
    entry.ready = Promise.allSettled(pictures.map((picture) => picture.decode())).then(() => { entry.decoded = true; });
    store.set(key, entry);
  }
  model.on("change:pictures", take);
  take();
  return () => {
    model.off("change:pictures", take);
    for (const { pictures } of store.values()) for (const { src } of pictures) URL.revokeObjectURL(src);
  };
}

function render({ model, el }, store) {
  const title = element("p", { className: "tk-question" });
  const note = element("p", { className: "tk-said" });
  const text = element("div", { className: "tk-text" });
  const stage = element("div", { className: "tk-stage" });
  const problem = element("div", { className: "tk-problem", role: "alert" });
  const progress = element("progress", { "aria-label": "Progress" });
  const pause = button(["Pause", key(" (P)")], () => hide(!paused), { className: "tk-pause" });
  const status = element("div", { className: "tk-status", role: "status" });
  const body = element("div", { className: "tk-body", tabIndex: -1 },
    element("div", { className: "tk-bar" }, progress, pause), title, note, text, stage, problem);
  let screen, shown, onset, chosen, chosenAt, answer, late, asked;
  let ready = Infinity, waiting = false, paused = false, timed = true, keys = {};

  // The time of the frame after the one in which something was painted: right to a frame (17 ms at 60 Hz).
  function painted(then = (_time) => {}) {
    body.dataset.ready = ready = Infinity;
    requestAnimationFrame(() => requestAnimationFrame((time) => {
      body.dataset.ready = ready = time + TOO_SOON;
      then(time);
    }));
  }

  function say(words, seen = false) {
    status.textContent = words;
    status.classList.toggle("tk-waiting", seen);
  }

  function send(message) {
    answer = message;
    waiting = true;
    body.classList.add("tk-sent");
    late = setTimeout(() => say(WAITING, true), 3000);
    model.send({ ...message, serial: screen.serial });
  }

  function focus(part) {
    if (!el.contains(document.activeElement)) return;
    (part ?? body).focus({ preventScroll: true });
    el.scrollIntoView({ block: "nearest" });
  }

  // ---- what can be shown

  function page(pictures, what) {
    const buttons = what.buttons.map(([event, label]) => button(label, now(() => send({ event }))));
    stage.replaceChildren(
      ...(pictures.length ? [element("div", { className: "tk-views", role: "img",
        "aria-label": `${screen.person} from three sides and in three lights` }, ...pictures)] : []),
      element("div", { className: "tk-buttons" }, ...buttons),
    );
    keys = {};
    return buttons[0];
  }

  function match(pictures, what) {
    const tell = (same) => now((event) => send({ event: "match", number: what.done, same, rt_ms: since(event), by: by(event) }));
    const acts = { yes: tell(true), no: tell(false), look: now(() => send({ event: "look" })) };
    const hints = { yes: " (Y)", no: " (N)", look: "" };
    const buttons = what.buttons.map(([name, label]) => button([label, key(hints[name])], acts[name]));
    const group = element("div", { className: "tk-buttons", role: "group", tabIndex: -1, "aria-label": what.title },
      ...buttons);
    stage.replaceChildren(element("div", { className: "tk-one", role: "img", "aria-label": "A face" }, ...pictures), group);
    keys = { y: acts.yes, n: acts.no };
    return group;
  }

  function panel(pictures, what) {
    const faces = pictures.map((picture, place) => button([picture, element("span", {}, place + 1)],
      now((event) => choose(place, event)), { "aria-label": `Face ${place + 1}, ${screen.places[place]}`,
        "aria-pressed": "false", className: "tk-face" }));
    const marks = pictures.map((_, k) => button(`${k + 1}`, now((event) => rate(k + 1, event))));
    const again = button(["Choose again", key(" (Esc)")], now(() => choose(null)), { className: "tk-again" });
    const grid = element("div", { className: "tk-faces", role: "group", tabIndex: -1,
      "aria-label": "Six faces, two rows of three" }, ...faces);
    const scale = element("div", { className: "tk-scale", role: "group", tabIndex: -1 },
      element("span", {}, screen.scale[0]), ...marks, element("span", {}, screen.scale[1]), again);
    stage.replaceChildren(grid, scale);
    chosen = null;

    function choose(place, event) {
      const question = place === null ? what.title : `How similar is face ${place + 1} to ${screen.person}?`;
      if (place !== null) chosenAt = { place, rt: since(event), onset: event.timeStamp };
      chosen = place;
      faces.forEach((face, k) => { face.setAttribute("aria-pressed", k === place); });
      stage.classList.toggle("tk-rating", place !== null);
      scale.setAttribute("aria-label", `${question} From 1, ${screen.scale[0]}, to 6, ${screen.scale[1]}.`);
      title.textContent = question;
      say(question);
      keys = place === null ? numbers(faces) : { ...numbers(marks), escape: () => again.click(), backspace: () => again.click() };
      painted();
      focus(place === null ? grid : scale);
    }

    function rate(rating, event) {
      if (chosen === null) return;
      const rt = timed ? event.timeStamp - chosenAt.onset : null;
      send({ event: "answer", place: chosen, rating, rt_choice_ms: chosenAt.rt, rt_rating_ms: rt, by: by(event) });
      hurry();
    }

    stage.classList.remove("tk-rating");
    keys = numbers(faces);
    return grid;
  }

  const numbers = (buttons) => Object.fromEntries(buttons.map((one, k) => [`${k + 1}`, () => one.click()]));

  // Milliseconds from paint to answer; none where the participant looked away in between.
  function since(event) {
    return timed ? event.timeStamp - onset : null;
  }

  // How it was given: a finger's times are not those of a key.
  function by(event) {
    if (pressed || (!event.pointerType && !event.detail)) return "keyboard";
    return event.pointerType || pointer;
  }

  // Acts unless an answer is on its way or nobody can have seen yet what is asked.
  function now(act) {
    return (event) => {
      const at = pressed ?? event;
      if (paused || screen.problem || at.timeStamp < ready) return;
      if (waiting) timed = false; // an answer that came before it could be taken
      else act(at);
    };
  }

  // ---- paint

  function paint() {
    screen = model.get("screen");
    clearTimeout(late);
    waiting = false;
    body.classList.remove("tk-sent");
    status.classList.remove("tk-waiting");
    trouble(screen.problem);
    // Painted already, at the key press; or the answer was not taken, and stays to be sent again.
    if (shown === screen.serial || screen.problem) return;
    const found = screen.key ? store.get(screen.key) : { pictures: [], ready: Promise.resolve() };
    if (found) found.ready.then(() => fill(screen, found.pictures));
    else lack();
  }

  // The next panel at once, if it is known and its pictures are here.
  function hurry() {
    const found = screen.next && store.get(screen.next.key);
    if (found?.decoded) fill(screen.next, found.pictures);
  }

  // What is about to be replaced gives its focus to what stays, else the page would get it.
  function hold() {
    if (stage.contains(document.activeElement)) body.focus({ preventScroll: true });
  }

  function lack() {
    hold();
    title.textContent = "Loading the faces …";
    for (const part of [note, text, stage]) part.replaceChildren();
    if (asked !== screen.key) model.send({ missing: screen.key });
    asked = screen.key;
  }

  function fill(what, found) {
    const { kind } = what, pictures = found.map((picture) => picture.cloneNode());
    hold();
    shown = what.serial;
    timed = !paused;
    title.textContent = what.title;
    note.textContent = what.note;
    text.innerHTML = what.text.map((words) => `<p>${words}</p>`).join("");
    progress.hidden = !what.total;
    progress.max = what.total || 1;
    progress.value = what.done;
    pause.hidden = kind !== "panel";
    body.dataset.kind = kind;
    const first = (kind === "panel" ? panel : kind === "match" ? match : page)(pictures, what);
    for (const control of [body, ...body.querySelectorAll("button, [tabindex]")]) {
      control.dataset.lmSuppressShortcuts = "true"; // else JupyterLab takes keys as its shortcuts
    }
    painted((time) => { onset = time; });
    focus(first);
    say([what.note, kind === "panel" ? text.textContent : "", what.title].filter(Boolean).join(" "));
  }

  // Hides what is on show until the disk has the last answer.
  function trouble(words) {
    const over = !words && problem.childElementCount;
    if (problem.contains(document.activeElement)) body.focus({ preventScroll: true });
    stage.classList.toggle("tk-held", Boolean(words));
    problem.replaceChildren(...(words ? [element("p", {}, `Not stored yet: ${words}.`),
      button("Try again", () => { if (!waiting) send(answer); }, { "data-lm-suppress-shortcuts": "true" })] : []));
    if (words || over) timed = false;
    if (words) focus(problem.querySelector("button"));
    if (over) painted();
    if (over) focus(stage.querySelector("[role=group]"));
  }

  function hide(wanted) {
    if (pause.hidden) return;
    paused = wanted;
    timed = false; // the clock cannot know when the participant looked again
    stage.classList.toggle("tk-paused", paused);
    pause.replaceChildren(paused ? "Go on" : "Pause", key(" (P)"));
    say(paused ? "Paused, the faces are hidden." : "Going on.");
    painted();
    if (paused) focus(pause);
    else focus(stage.querySelector(chosen === null ? ".tk-faces" : ".tk-scale"));
  }

  // ---- keys

  let pressed = null; // the key behind a click, for its time
  let pointer = "mouse"; // the last that touched, for browsers whose clicks do not say

  function step(event) {
    const buttons = [...(event.target.closest("[role=group]") ?? stage).querySelectorAll("button")]
      .filter((one) => one.checkVisibility({ visibilityProperty: true }));
    const [across, down] = STEPS[event.key];
    const at = buttons.indexOf(document.activeElement);
    const width = stage.querySelector(".tk-faces")?.contains(buttons[0]) ? 3 : 1;
    const to = at < 0 ? (across + down > 0 ? 0 : buttons.length - 1) : at + across + down * width;
    buttons[Math.max(0, Math.min(buttons.length - 1, to))]?.focus({ preventScroll: true });
  }

  function typed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const name = event.key.toLowerCase();
    const act = name === "p" && !pause.hidden ? () => hide(!paused) : keys[name];
    if (event.key in STEPS) step(event);
    else if (["enter", " "].includes(name) && !event.repeat) return; // the button's own click
    else if (act && !event.repeat) {
      pressed = event;
      act();
      pressed = null;
    } else if (!act && !event.repeat) return;
    event.preventDefault();
    event.stopPropagation();
  }

  function away() {
    if (document.hidden) timed = false;
  }

  function arrived() {
    if (asked && store.has(asked) && screen.key === asked) {
      asked = undefined;
      paint();
    }
  }

  el.classList.add("tk");
  el.append(body, status);
  body.addEventListener("keydown", typed);
  body.addEventListener("pointerdown", (event) => { pointer = event.pointerType; }, true);
  document.addEventListener("visibilitychange", away);
  model.on("change:screen", paint);
  model.on("change:pictures", arrived);
  paint();
  if (!screen.key) model.send({ missing: "" }); // the first pictures come while the participant reads
  return () => {
    clearTimeout(late);
    document.removeEventListener("visibilitychange", away);
    model.off("change:screen", paint);
    model.off("change:pictures", arrived);
  };
}

// One store of pictures a widget, however many views it has.
export default () => {
  const store = new Map();
  return { initialize: ({ model }) => collect(model, store), render: hearing((view) => render(view, store)) };
};
