// A picture with its sentence below it, controls on its right, and a line for those who hear the page.
import { element } from "../teaching/element.js";
import { form } from "./controls.js";

/**
 * Lay it out in a cell.
 *
 * `values` holds what all controls say, and more if `known` does; `changed` is called after the student changed
 * something, with the names and values that did.
 */
export function picturePanel(el, groups, known = {}) {
  const { controls, fields } = form(groups);
  const start = Object.fromEntries(controls.map((one) => [one.name, one.start]));
  const picture = element("img", { className: "tk-picture" });
  const caption = element("figcaption");
  const figure = element("figure", {}, picture, caption);
  const status = element("div", { className: "tk-status" });
  const again = element("button", { type: "button", className: "tk-reset" }, "Back to the start");
  let resting;
  const panel = {
    el, picture, caption, figure, status, values: { ...start }, start: { ...start, ...known }, changed: (_values) => {},

    /** Say something at once, `seen` or only heard. */
    say(words, seen = false) {
      status.textContent = words;
      status.classList.toggle("tk-waiting", seen);
    },

    /** Say it once the hand rests: a sentence at every step would drown the slider's own value. */
    sayAtRest(words) {
      clearTimeout(resting);
      resting = setTimeout(() => panel.say(words), 700);
    },

    /** Take over values that came from elsewhere. */
    write(values) {
      Object.assign(panel.values, values);
      for (const one of controls) if (one.name in values) one.write(values[one.name]);
    },

    /** As `write`, for what the student did. */
    move(values) {
      panel.write(values);
      panel.changed(values);
    },

    remove: () => clearTimeout(resting),
  };
  status.setAttribute("role", "status");
  caption.setAttribute("aria-hidden", "true"); // the picture's alternative text says the same
  again.addEventListener("click", () => panel.move(panel.start));
  el.classList.add("tk", "tk-live-picture");
  el.append(figure, element("div", { className: "tk-controls" }, ...fields, again), status);
  el.addEventListener("input", (event) => {
    const one = controls.find((other) => other.input === event.target);
    if (!one) return;
    one.tell(one.read());
    panel.values[one.name] = one.read();
    panel.changed({ [one.name]: one.read() });
  });
  return panel;
}
