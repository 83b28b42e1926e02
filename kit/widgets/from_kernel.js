// Pictures that Python draws: asks for the next one when the last one has come, always with the newest values.
import { element } from "../teaching/element.js";

const WAITING = "Waiting for Python. If a cell is still running, the picture comes after it; "
  + "if the kernel has stopped, run this cell again.";
const LATE = 3000; // ms

// Lay what a dark page turns into its negative over a picture.
function onPaper(picture) {
  const paper = element("span", { className: "tk-paper" });
  const sheet = element("div", { className: "tk-sheet" });
  picture.replaceWith(sheet);
  sheet.append(picture, paper);
  return paper;
}

/** Let Python draw what a panel shows. Ask with `changed`; `stop` ends it. */
export function fromKernel(model, panel) {
  const { picture, caption } = panel;
  const paper = model.get("frame").paper ? onPaper(picture) : null;
  let [wanted, asked, waiting, late] = [0, 0, false, undefined];

  function ask() {
    waiting = true;
    asked = wanted;
    late = setTimeout(() => panel.say(WAITING, true), LATE);
    model.send({ serial: asked, values: panel.values });
  }

  function changed() {
    wanted += 1;
    if (!waiting) ask();
  }

  function paint() {
    const { picture: bytes, media, words, paper: where } = model.get("frame");
    const old = picture.src;
    clearTimeout(late);
    picture.onload = () => URL.revokeObjectURL(old);
    picture.src = URL.createObjectURL(new Blob([bytes], { type: media }));
    if (paper) paper.style.clipPath = where;
    picture.alt = caption.textContent = words;
    if (waiting) panel.sayAtRest(words);
    waiting = false;
    if (asked !== wanted) ask();
  }

  model.on("change:frame", paint);
  paint();
  return {
    changed,
    stop() {
      clearTimeout(late);
      model.off("change:frame", paint);
      URL.revokeObjectURL(picture.src);
    },
  };
}
