// Paints controls and a picture; asks Python for the next picture when the last one has come.
const WAITING = "Waiting for Python. If a cell is still running, the picture comes after it; "
  + "if the kernel has stopped, run this cell again.";

function element(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

function written(spec, value) {
  return `${value > 0 && spec.low < 0 ? "+" : ""}${value.toFixed(spec.digits).replace("-", "−")}${spec.unit}`;
}

// What a control shows and how it is read, by kind.
const KINDS = {
  slider(spec) {
    const input = element("input", { type: "range", min: spec.low, max: spec.high, step: spec.step });
    return { input, side: element("output"), read: () => input.valueAsNumber, write: (value) => { input.value = value; } };
  },
  choice(spec) {
    const input = element("select", {}, ...spec.options.map((name) => element("option", { value: name }, name)));
    return { input, read: () => input.value, write: (value) => { input.value = value; } };
  },
  switch() {
    const input = element("input", { type: "checkbox" });
    return { input, read: () => input.checked, write: (value) => { input.checked = value; } };
  },
};

function control(spec) {
  const made = KINDS[spec.kind](spec);
  const label = element("label", {}, element("span", {}, spec.label), made.input);
  const row = element("div", { className: `tk-row tk-${spec.kind}` }, label, ...(made.side ? [made.side] : []));
  made.side?.setAttribute("aria-hidden", "true"); // the slider itself says its value
  made.input.name = spec.name;
  // Else JupyterLab takes arrows and letters as its shortcuts.
  made.input.dataset.lmSuppressShortcuts = "true";
  function tell() {
    if (!made.side) return;
    const words = written(spec, made.read());
    made.side.textContent = words;
    made.input.setAttribute("aria-valuetext", words);
  }
  const reset = () => { made.write(spec.value); tell(); };
  reset();
  return { name: spec.name, read: made.read, reset, tell, row };
}

function form(groups) {
  const controls = [];
  const fields = groups.map((group) => {
    const made = group.controls.map((spec) => control(spec));
    controls.push(...made);
    return element("fieldset", {}, element("legend", {}, group.title), ...made.map((one) => one.row));
  });
  return { controls, fields };
}

function render({ model, el }) {
  const { controls, fields } = form(model.get("groups"));
  const picture = element("img", { className: "tk-picture" });
  const caption = element("figcaption");
  const status = element("div", { className: "tk-status" });
  const again = element("button", { type: "button", className: "tk-reset" }, "Back to the start");
  let wanted = 0, asked = 0, waiting = false, late, silent;

  function say(words, seen) {
    status.textContent = words;
    status.classList.toggle("tk-waiting", seen);
  }

  function ask() {
    waiting = true;
    asked = wanted;
    late = setTimeout(() => say(WAITING, true), 3000);
    model.send({ serial: asked, values: Object.fromEntries(controls.map((one) => [one.name, one.read()])) });
  }

  function changed() {
    controls.forEach((one) => one.tell());
    wanted += 1;
    if (!waiting) ask();
  }

  function paint() {
    const { picture: bytes, media, words } = model.get("frame");
    const old = picture.src;
    clearTimeout(late);
    clearTimeout(silent);
    picture.onload = () => URL.revokeObjectURL(old);
    picture.src = URL.createObjectURL(new Blob([bytes], { type: media }));
    picture.alt = caption.textContent = words;
    // Announced once the hand rests: a sentence at every step would drown the slider's own value.
    if (waiting) silent = setTimeout(() => say(words, false), 700);
    waiting = false;
    if (asked !== wanted) ask();
  }

  status.setAttribute("role", "status");
  caption.setAttribute("aria-hidden", "true"); // the picture's alternative text says the same
  again.addEventListener("click", () => { controls.forEach((one) => one.reset()); changed(); });
  el.classList.add("tk", "tk-live-picture");
  el.append(
    element("figure", {}, picture, caption),
    element("div", { className: "tk-controls" }, ...fields, again),
    status,
  );
  el.addEventListener("input", changed);
  model.on("change:frame", paint);
  paint();
  return () => {
    clearTimeout(late);
    clearTimeout(silent);
    model.off("change:frame", paint);
    URL.revokeObjectURL(picture.src);
  };
}

export default { render };
