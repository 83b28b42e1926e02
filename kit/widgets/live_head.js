// Controls and a head that the browser draws: it follows the hand, whatever Python is doing.
import { Portrait, openStage } from "../faces/web/stage.js";
import { element } from "../teaching/element.js";
import { fromKernel } from "./from_kernel.js";
import { handle } from "./handles.js";
import { picturePanel } from "./picture_panel.js";

const SIZE = 300; // pixels, as Python's pictures
const HEARD = 100; // ms of rest after which Python hears: while the hand moves, its answers would only cost time
const BALL = 90; // degrees from the middle to the edge of the ball that shows the lamp
const KEYS = "Arrow keys, with Shift in larger steps; Home puts it back.";
const LOST = "This page has lost its graphics, and the head stands still: load the page again.";

/**
 * The `render` of a widget whose picture is one head.
 *
 * `face(values, facts)` gives the numbers of the face that the controls ask for, and `words(values, facts)` the
 * sentence that describes it: both say what their Python twins say.
 */
export function liveHead({ face, words }) {
  return ({ model, el }) => {
    const panel = picturePanel(el, model.get("groups"), model.get("start"));
    panel.write(model.get("values"));
    let [painter, mine, gone] = [fromKernel(model, panel), false, false];
    let telling;

    panel.changed = () => {
      painter.changed(); // first what is seen, then what Python hears
      mine = true;
      model.set("values", { ...panel.values });
      mine = false;
      clearTimeout(telling);
      telling = setTimeout(() => model.save_changes(), HEARD);
    };
    const heard = () => {
      if (mine) return;
      panel.write(model.get("values"));
      painter.changed();
    };
    const added = () => painter.changed();
    model.on("change:values", heard);

    stageOf(model).then((stage) => {
      if (gone) return;
      painter.stop();
      model.on("change:afterwards", added);
      painter = onStage(stage, panel, model.get("view"), () => {
        const facts = model.get("facts");
        return { face: face(panel.values, facts), words: words(panel.values, facts) + afterwards(model, panel.values) };
      });
    }, (error) => panel.figure.append(element("p", { className: "tk-note" },
      `Python draws this face, and it follows a moment later: ${error.message}.`)));
    return () => {
      gone = true;
      clearTimeout(telling);
      model.save_changes();
      model.off("change:values", heard);
      model.off("change:afterwards", added);
      painter.stop();
      panel.remove();
    };
  };
}

/** The stage of the model that a widget shows. */
export async function stageOf(model) {
  const { key, constants, file } = model.get("studio");
  return openStage(key, constants, async () => {
    const shared = await model.widget_manager.get_model(file.replace("IPY_MODEL_", ""));
    const { buffer, byteOffset, byteLength } = shared.get("file");
    return buffer.slice(byteOffset, byteOffset + byteLength);
  });
}

// What Python has added to the sentence, if it is about the values of now.
function afterwards(model, values) {
  const { of, words } = model.get("afterwards");
  const holds = words && Object.entries(of).every(([name, value]) => values[name] === value);
  return holds ? ` ${words}` : "";
}

// Put the head in the place of the picture, with its two handles, and draw it whenever something changed.
function onStage(stage, panel, view, asked) {
  const canvas = element("canvas", { className: "tk-picture", width: SIZE, height: SIZE, role: "img" });
  const handleOf = (name, role, ...children) =>
    element("div", { className: name, role: "application", "aria-roledescription": role }, ...children);
  const [head, lamp] = [handleOf("tk-head", "head to turn", canvas), handleOf("tk-lamp", "lamp to move")];
  const portrait = new Portrait(stage, canvas);
  const angle = (name) => ({ name, ...view[name] });
  const read = () => panel.values;
  let [fresh, more] = [true, false];

  head.setAttribute("aria-label", `Head. ${KEYS}`);
  lamp.title = "Lamp: drag it";
  // The surface goes with the finger.
  const degrees = () => stage.model.turned(canvas.clientWidth);
  handle(head, [angle("yaw"), angle("pitch")], read, panel.move, ([across, up], from, to) =>
    [across + degrees() * (to[0] - from[0]), up - degrees() * (to[1] - from[1])]);
  handle(lamp, [angle("azimuth"), angle("elevation")], read, panel.move, (_, __, to) => {
    const box = lamp.getBoundingClientRect();
    const middle = [box.left + box.width / 2, box.top + box.height / 2];
    return [to[0] - middle[0], middle[1] - to[1]].map((offset) => (2 * BALL * offset) / box.width);
  });

  function draw(moving) {
    const { face, words } = asked();
    const { values } = panel;
    if (!portrait.show(face, { ...values, frame: "head" }, moving)) panel.say(LOST, true);
    canvas.setAttribute("aria-label", words);
    panel.caption.textContent = words;
    lamp.style.setProperty("--across", `${50 + (50 * values.azimuth) / BALL}%`);
    lamp.style.setProperty("--down", `${50 - (50 * values.elevation) / BALL}%`);
    lamp.setAttribute("aria-label", `Lamp at ${values.azimuth}° across and ${values.elevation}° up. ${KEYS}`);
    return words;
  }

  // At once, but once a frame: the first change is seen in the next one, and a fast hand does not pile up work.
  function changed() {
    if (!fresh) { more = true; return; }
    fresh = false;
    panel.sayAtRest(draw(true));
    requestAnimationFrame(() => {
      fresh = true;
      if (more) { more = false; changed(); }
    });
  }

  draw(false);
  panel.picture.replaceWith(element("div", { className: "tk-stage" }, head, lamp));
  return { changed, stop: () => portrait.leave() };
}
