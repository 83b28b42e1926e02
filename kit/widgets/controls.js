// Native controls with labels, from what Python says of them: sliders, choices, switches.
import { element } from "../teaching/element.js";

/** A number as it stands beside its slider. */
export function written(spec, value) {
  return `${value > 0 && spec.low < 0 ? "+" : ""}${value.toFixed(spec.digits).replace("-", "−")}${spec.unit}`;
}

// How many steps a control has from end to end.
const steps = ({ low, high, step }) => (step ? Math.round((high - low) / step) : 0);
const FINE = 50; // with more steps a slider needs the width of the panel, or a mouse cannot set each of them

// What a control shows and how it is read, by kind.
const KINDS = {
  slider(spec) {
    const input = element("input", { type: "range", min: spec.low, max: spec.high, step: spec.step });
    input.style.maxWidth = `max(7em, ${1.2 * steps(spec)}em)`; // no wider than its range needs
    const write = (value) => { input.value = value; };
    return { input, side: element("output"), read: () => input.valueAsNumber, write };
  },
  choice(spec) {
    const option = (name) => element("option", { value: name }, name);
    const input = element("select", {}, ...spec.options.map(option));
    const write = (value) => {
      if (![...input.options].some((one) => one.value === value)) input.append(option(value));
      input.value = value;
    };
    return { input, read: () => input.value, write };
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
  function tell(value) {
    if (!made.side) return;
    const words = written(spec, value);
    made.side.textContent = words;
    made.input.setAttribute("aria-valuetext", words);
  }
  const write = (value) => { made.write(value); tell(value); };
  write(spec.value);
  return { name: spec.name, start: spec.value, input: made.input, read: made.read, write, tell, row };
}

/** The controls of all groups, and a fieldset for each group. */
export function form(groups) {
  const controls = [];
  const fields = groups.map((group) => {
    const made = group.controls.map((spec) => control(spec));
    controls.push(...made);
    const className = group.controls.some((spec) => steps(spec) > FINE) ? "tk-fine" : "";
    return element("fieldset", { className }, element("legend", {}, group.title), ...made.map((one) => one.row));
  });
  return { controls, fields };
}
