// The face explorer: what kit/widgets/face_explorer.py says, in the browser.
import { hearing } from "../teaching/hearing.js";
import { liveHead } from "./live_head.js";
import { minus, signed, viewWords } from "./spoken.js";

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
  const { sex, age } = values;
  return { sex, age, ancestry, shape: identity("shape"), texture: identity("texture"), expression };
}

/** What the picture shows, in one sentence. */
export function words(values, facts) {
  const { person, strength } = values;
  const whose = { [facts.given]: facts.given }[person] ?? (person in facts.people ? `of ${person}` : "");
  const who = whose ? `identity ${whose} at ${strength.toFixed(2)}` : "average identity";
  const moved = [...facts.sliders.shape, ...facts.sliders.texture].filter((name) => values[name])
    .map((name) => `${name.replace("_", " ")} at ${signed(values[name], 1)} sd`);
  return minus(`${[designWords(values, facts), who, ...moved, viewWords(values)].join("; ")}.`);
}

function designWords(values, facts) {
  const sex = { "-1": "Female", 1: "Male" }[values.sex]
    ?? `Between female (-1) and male (+1) at ${signed(values.sex, 1)}`;
  const mixed = { [facts.even]: "the three archetypes mixed", [facts.given]: "archetypes mixed in Python" };
  const ancestry = mixed[values.ancestry] ?? `${values.ancestry} archetype`;
  return `${sex}, ${values.age.toFixed(0)} years, ${ancestry}`;
}

export const exploreFaces = liveHead({ face, words });
export default { render: hearing(exploreFaces) };
