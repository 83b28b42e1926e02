// Numbers and views in words, as Python writes them.

/** Minus signs in the place of hyphens. */
export const minus = (words) => words.replaceAll("-", "−");

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
  const lamp = `lamp at ${signed(values.azimuth, 0)}° across and ${signed(values.elevation, 0)}° up`;
  return [turnWords(values) || "seen from the front", lamp, ...(values.cap ? [] : ["no cap"])].join(", ");
}
