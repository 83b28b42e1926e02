// The face explorer: what kit/widgets/face_explorer.py says, in the browser.
import { liveHead } from "./live_head.js";

const minus = (words) => words.replaceAll("-", "−");
const signed = (value, digits) => `${value < 0 ? "" : "+"}${value.toFixed(digits)}`;

/** The numbers of the face that the controls ask for. */
export function face(values, facts) {
  const person = values.person === facts.given ? values.given : facts.people[values.person];
  const identity = (kind) => {
    const own = (person ?? facts.nobody)[kind].map((amount) => values.strength * amount);
    facts.sliders[kind].forEach((name, k) => { own[k] += values[name]; });
    return own;
  };
  const ancestry = values.ancestry === facts.given ? values.given.ancestry : facts.ancestries[values.ancestry];
  const expression = (values.person === facts.given ? values.given : facts.nobody).expression;
  return { sex: values.sex, age: values.age, ancestry, shape: identity("shape"), texture: identity("texture"), expression };
}

/** What the picture shows, in one sentence. */
export function words(values, facts) {
  const { person, strength } = values;
  const who = person in facts.people || person === facts.given ? `identity of ${person} at ${strength.toFixed(2)}`
    : "average identity";
  const moved = [...facts.sliders.shape, ...facts.sliders.texture].filter((name) => values[name])
    .map((name) => `${name.replace("_", " ")} at ${signed(values[name], 1)} sd`);
  return minus(`${[designWords(values, facts), who, ...moved, viewWords(values)].join("; ")}.`);
}

function designWords(values, facts) {
  const sex = { "-1": "Female", 1: "Male" }[values.sex]
    ?? `Between female (-1) and male (+1) at ${signed(values.sex, 1)}`;
  const ancestry = values.ancestry === facts.even ? "the three archetypes mixed" : `${values.ancestry} archetype`;
  return `${sex}, ${values.age} years, ${ancestry}`;
}

function viewWords({ yaw, pitch, azimuth, elevation, cap }) {
  const turn = yaw ? [`turned ${Math.abs(yaw)}° ${yaw > 0 ? "right" : "left"}`] : [];
  const nod = pitch ? [`nodding ${Math.abs(pitch)}° ${pitch > 0 ? "up" : "down"}`] : [];
  const seen = turn.length + nod.length ? [...turn, ...nod] : ["seen from the front"];
  const lamp = `lamp at ${signed(azimuth, 0)}° across and ${signed(elevation, 0)}° up`;
  return [...seen, lamp, ...(cap ? [] : ["no cap"])].join(", ");
}

export default { render: liveHead({ face, words }) };
