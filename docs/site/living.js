// Brings the heads of a page to life, each when it comes near the window; until then its picture stands there.
import { showAmplifier } from "../../kit/widgets/amplifier.js";
import { exploreFaces } from "../../kit/widgets/face_explorer.js";
import { playMatching } from "../../kit/widgets/matching.js";
import { showHalves } from "../../kit/widgets/two_halves.js";

const WIDGETS = {
  amplifier: showAmplifier, "face-explorer": exploreFaces, "matching-game": playMatching, "two-halves": showHalves,
};
const here = /** @type {HTMLScriptElement} */ (document.currentScript).src;
let coming = null;

// The face model with its constants, from a script beside this one: once a page, when the first head needs it.
function faceModel() {
  coming ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.onload = () => resolve(globalThis.faceModel);
    script.onerror = () => reject(new Error("the face model is missing"));
    script.src = new URL("face_model.js", here).href;
    document.head.append(script);
  });
  return coming;
}

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

// What a widget takes for its model in JupyterLab; here nobody else listens.
function shelf(state, file) {
  return {
    get: (name) => state[name],
    set(name, value) { state[name] = value; },
    save_changes() {}, send() {}, on() {}, off() {},
    widget_manager: { get_model: async () => ({ get: () => new DataView(file().buffer) }) },
  };
}

async function enliven(place) {
  const { key, constants, file } = await faceModel();
  const state = JSON.parse(place.querySelector("script").textContent);
  const picture = place.querySelector("img");
  const [, media, base64] = picture.src.match(/^data:([^;]+);base64,(.*)$/);
  const frame = { picture: bytes(base64), media, words: picture.alt };
  const model = shelf({ ...state, frame, studio: { key, constants, file: "" } }, () => bytes(file));
  const el = document.createElement("div");
  el.className = `tk-live-head tk-${place.dataset.living}`;
  WIDGETS[place.dataset.living]({ model, el });
  place.replaceChildren(el);
}

function canDraw() {
  const gl = document.createElement("canvas").getContext("webgl2");
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(gl);
}

const near = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    enliven(target);
  }
}, { rootMargin: "400px" });

const places = document.querySelectorAll("[data-living]");
if (places.length && canDraw()) for (const place of places) near.observe(place);
