// The amplifier: what kit/widgets/amplifier.py says, in the browser.
import { hearing } from "../teaching/hearing.js";
import { liveHead } from "./live_head.js";
import { minus, turnWords } from "./spoken.js";

const amount = ({ alpha }, { largest }) => Math.min(alpha, largest);

/** The numbers of the face that the controls ask for: the system's template at the rating. */
export function face(values, { systems, like }) {
  const system = systems[values.system];
  const alpha = amount(values, system);
  const at = ([intercept, slope]) => intercept.map((value, k) => value + alpha * slope[k]);
  return { ...like, shape: at(system.shape), texture: at(system.texture) };
}

/** What the picture shows, in a sentence. */
export function words(values, { systems }) {
  const alpha = amount(values, systems[values.system]);
  const limit = alpha < values.alpha ? " (from here on faces would break)" : "";
  const turn = turnWords(values);
  return minus(`What the ${values.system} goes by, at rating ${alpha.toFixed(1)}${limit}${turn ? ", " : ""}${turn}.`);
}

export const showAmplifier = liveHead({ face, words });
export default { render: hearing(showAmplifier) };
