// The matching game: plays in the browser what kit/widgets/matching.py has made up.
import { Portrait } from "../faces/web/stage.js";
import { element } from "../teaching/element.js";
import { hearing } from "../teaching/hearing.js";
import { stageOf } from "./live_head.js";

/**
 * The state of a game: `chosen` places so far, and whether the last choice is still being looked at.
 * @typedef {{chosen: number[], looking: boolean}} Game
 */

/** The state after the student chose a place, went on, or began again. @param {Game} game @returns {Game} */
export function after(game, rounds, action, place) {
  if (action === "again") return { chosen: [], looking: false };
  if (action === "next") return { ...game, looking: false };
  if (game.looking || over(game, rounds)) return game;
  return { chosen: [...game.chosen, place], looking: true };
}

/** Whether all rounds were played and looked at. */
export const over = ({ chosen, looking }, rounds) => chosen.length === rounds.length && !looking;

/** How many rounds of a kind were right, and how many were played; of all kinds without one. */
export function score({ chosen }, rounds, kind) {
  const played = chosen.map((place, k) => ({ place, ...rounds[k] })).filter((one) => !kind || one.kind === kind);
  return [played.filter((one) => one.place === one.answer).length, played.length];
}

/** What has just happened, in words. */
export function news(game, rounds) {
  const { chosen, looking } = game;
  if (looking) return rounds[chosen.length - 1].reasons[chosen[chosen.length - 1]];
  if (!over(game, rounds)) return "";
  const parts = ["texture", "shape"].map((kind) => [kind, ...score(game, rounds, kind)])
    .filter(([, , played]) => played).map(([kind, right, played]) => `${kind}: ${right} of ${played} right`);
  const lured = chosen.filter((place, k) => place === rounds[k].lure).length;
  return `${parts.join("; ")}. You took the lure (right in the other part) ${lured === 1 ? "once" : `${lured} times`}. Guessing finds one in four.`;
}

/** What stands under a face once the round is decided. */
export function mark({ chosen, looking }, rounds, place) {
  if (!looking) return "";
  const { kind, answer } = rounds[chosen.length - 1];
  if (place === answer) return `✓ same ${kind}`;
  return place === chosen[chosen.length - 1] ? "✗ your choice" : "";
}

function button(id, words, act) {
  const made = element("button", { type: "button" }, ...words);
  made.dataset.id = id;
  made.dataset.lmSuppressShortcuts = "true"; // else JupyterLab takes Enter
  made.addEventListener("click", act);
  return made;
}

function render({ model, el }) {
  const { rounds, letters, crop, views } = model.get("game");
  const canvases = views.map(() => element("canvas", { width: crop.side, height: crop.side }));
  const body = element("div", { tabIndex: -1 });
  const status = element("div", { className: "tk-status", role: "status" });
  let [game, stop] = [{ chosen: [], looking: false }, () => {}];
  let paint = (_round) => {};

  const onShow = () => Math.min(game.chosen.length - Number(game.looking), rounds.length - 1);

  function act(action, place) {
    game = after(game, rounds, action, place);
    show();
    const first = game.looking || over(game, rounds) ? "[data-id=next], [data-id=again]" : "[data-id=face-0]";
    /** @type {HTMLElement} */ (body.querySelector(first)).focus();
  }

  function show() {
    body.replaceChildren(...(over(game, rounds) ? ending() : board()));
    status.textContent = news(game, rounds);
  }

  function board() {
    const number = onShow();
    const count = `Round ${number + 1} of ${rounds.length}, ${score(game, rounds)[0]} right so far`;
    canvases[0].setAttribute("role", "img");
    canvases[0].setAttribute("aria-label", "The sample");
    paint(number);
    const sample = element("figure", {}, canvases[0], element("figcaption", {}, "the sample"));
    const options = element("div", { className: "tk-options", role: "group", "aria-label": "Four faces" },
      ...[...letters].map((letter, place) => option(letter, place)));
    return [...heading(count, rounds[number].question), element("div", { className: "tk-board" }, sample, options),
      ...(game.looking ? feedback(number) : [])];
  }

  function option(letter, place) {
    const words = mark(game, rounds, place);
    const caption = element("span", {}, `${letter} ${words}`);
    const made = button(`face-${place}`, [canvases[place + 1], caption], () => act("choose", place));
    made.disabled = game.looking;
    made.className = words ? "tk-marked" : "";
    made.setAttribute("aria-label", `Face ${letter}${words ? `, ${words}` : ""}`);
    return element("div", {}, made);
  }

  function feedback(number) {
    const right = game.chosen[number] === rounds[number].answer;
    const last = game.chosen.length === rounds.length;
    return [
      element("div", { className: right ? "tk-right" : "tk-wrong" }, element("p", {}, news(game, rounds))),
      button("next", [last ? "See how you did" : "Next round"], () => act("next")),
    ];
  }

  function ending() {
    return [
      ...heading("The game is over", "How you did"),
      element("p", { className: "tk-result" }, news(game, rounds)),
      button("again", ["Play the same rounds again"], () => act("again")),
    ];
  }

  el.classList.add("tk");
  el.append(body, status);
  show();
  let gone = false;
  stageOf(model).then((stage) => {
    if (gone) return;
    const portraits = canvases.map((canvas) => new Portrait(stage, canvas, crop));
    paint = (number) => { for (const [k, one] of portraits.entries()) one.show(rounds[number].faces[k], views[k]); };
    stop = () => { for (const one of portraits) one.leave(); };
  }, () => { [paint, stop] = fromPython(model, canvases); }).then(() => paint(onShow()));
  return () => { gone = true; stop(); };
}

// Where the browser cannot draw: Python's pictures, a round at a time.
function fromPython(model, canvases) {
  let wanted = 0;
  async function come() {
    const { round, jpegs } = model.get("pictures");
    if (round !== wanted) return;
    const decoded = (jpeg) => createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
    const pictures = await Promise.all(jpegs.map(decoded));
    for (const [k, picture] of pictures.entries()) canvases[k].getContext("2d").drawImage(picture, 0, 0);
  }
  model.on("change:pictures", come);
  const ask = (number) => {
    wanted = number;
    model.send({ round: number });
  };
  return [ask, () => model.off("change:pictures", come)];
}

function heading(kind, question) {
  const words = element("p", { className: "tk-question" });
  words.innerHTML = question; // Python's own markup
  return [element("p", { className: "tk-kind" }, element("strong", {}, kind)), words];
}

export const playMatching = render;
export default { render: hearing(render) };
