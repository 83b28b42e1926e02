// Two angles that a hand moves: by dragging with mouse, finger or pen, or with the arrow keys.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const [STEP, LEAP] = [2, 10]; // degrees a key press, and with Shift

/**
 * Make an element a handle.
 *
 * `angles` are two of {name, low, high, value}: across, positive to the right, and up; `read` gives the values of now
 * by name, and `move` takes new ones. `drag` says where the angles go, from where the pointer was and is, in pixels.
 */
export function handle(target, angles, read, move, drag) {
  let held = null;

  function put(pair) {
    const kept = angles.map(({ name, low, high }, k) => [name, Math.min(high, Math.max(low, Math.round(pair[k])))]);
    if (kept.some(([name, value]) => read()[name] !== value)) move(Object.fromEntries(kept));
  }
  const now = () => angles.map(({ name }) => read()[name]);

  target.tabIndex = 0;
  target.dataset.lmSuppressShortcuts = "true"; // else JupyterLab takes the arrows
  target.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if ((!arrow && event.key !== "Home") || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault(); // of scrolling
    event.stopPropagation();
    const step = event.shiftKey ? LEAP : STEP;
    put(arrow ? now().map((value, k) => value + step * arrow[k]) : angles.map(({ value }) => value));
  });
  target.addEventListener("pointerdown", (event) => {
    if (held || event.button !== 0) return;
    event.preventDefault(); // of selecting text; the focus comes by hand
    target.focus({ preventScroll: true });
    target.setPointerCapture(event.pointerId);
    held = { pointer: event.pointerId, from: [event.clientX, event.clientY], angles: now() };
    put(drag(held.angles, held.from, held.from));
  });
  target.addEventListener("pointermove", (event) => {
    if (event.pointerId === held?.pointer) put(drag(held.angles, held.from, [event.clientX, event.clientY]));
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    target.addEventListener(kind, (event) => { if (event.pointerId === held?.pointer) held = null; });
  }
}
