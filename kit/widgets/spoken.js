// Numbers and views in words, as Python writes them.

/** A minus before numbers below zero; hyphens in words stay what they are (kit/plots/signs.py). */
export const minus = (words) => words.replace(/(^|[^\w.-])-(?=\.?\d)/g, "$1−");

/** A number with its sign. */
export const signed = (value, digits) => `${value < 0 ? "" : "+"}${value.toFixed(digits)}`;

/** How a head is turned; empty from the front. */
export function turnWords({ yaw, pitch }) {
  const turn = yaw ? [`turned ${Math.abs(yaw)}° ${yaw > 0 ? "right" : "left"}`] : [];
  const nod = pitch ? [`nodding ${Math.abs(pitch)}° ${pitch > 0 ? "up" : "down"}`] : [];
  return [...turn, ...nod].join(", ");
}

/** How a head is turned and lit. */
export function viewWords(values) {
  const degrees = (angle) => (angle ? `${signed(angle, 0)}°` : "0°");
  const lamp = `lamp at ${degrees(values.azimuth)} across and ${degrees(values.elevation)} up`;
  return [turnWords(values) || "seen from the front", lamp, ...(values.cap ? [] : ["no cap"])].join(", ");
}
