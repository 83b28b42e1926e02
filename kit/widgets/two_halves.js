// Shape without texture, texture without shape: what kit/widgets/two_halves.py says, in the browser.
import { hearing } from "../teaching/hearing.js";
import { liveHead } from "./live_head.js";
import { minus, viewWords } from "./spoken.js";

/** The numbers of the face that the controls ask for. */
export function face(values, facts) {
  const share = (kind) => facts[kind].map((amount) => (values[kind] / 100) * amount);
  return { ...facts, shape: share("shape"), texture: share("texture") };
}

/** What the picture shows, in one sentence. */
export function words(values, facts) {
  const parts = `${facts.name} with ${values.shape} % of his shape and ${values.texture} % of his texture`;
  return minus(`${parts}; ${viewWords(values)}.`);
}

export const showHalves = liveHead({ face, words });
export default { render: hearing(showHalves) };
