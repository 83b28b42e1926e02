// One studio for all heads of a page: browsers allow about 16 WebGL contexts, and a lesson has many pictures.
import { FaceModel } from "./model.js";
import { Studio, context } from "./studio.js";

const STAGES = Symbol.for("shared-features.stages"); // of the page: every widget brings a copy of this module
const LINGER = 3000; // ms: a cell that is run again finds the studio as it was
const REST = 100; // ms after which a hand has stopped moving

/** A face model, the studio that draws it, and the portraits on the page. */
class Stage {
  constructor(model, canvas) {
    this.model = model;
    /** @type {Set<Portrait>} */
    this.portraits = new Set();
    /** @type {Studio | null} */
    this.studio = null;
    this._open(canvas);
  }

  // A context can be lost at any time, to a driver or to other pages: then there is a new one.
  _open(canvas) {
    this.studio = new Studio(this.model, canvas);
    canvas.addEventListener("webglcontextlost", () => { if (canvas === this.studio?.canvas) this._again(); });
  }

  _again() {
    this.studio = null;
    try {
      this._open(document.createElement("canvas"));
    } catch {
      return; // the next picture tries again
    }
    for (const portrait of this.portraits) portrait._pose();
  }

  /** The studio, if there can be one now. */
  ready() {
    if (!this.studio || this.studio.gl.isContextLost()) this._again();
    return this.studio;
  }

  close() {
    const { studio } = this;
    this.studio = null;
    studio?.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

/** One head on a canvas. */
export class Portrait {
  /**
   * @param {Stage} stage @param {HTMLCanvasElement} canvas
   * @param {{size: number, left: number, top: number}} crop the picture that is drawn, and where the canvas lies in it
   */
  constructor(stage, canvas, crop = { size: canvas.width, left: 0, top: 0 }) {
    this.stage = stage;
    this.canvas = canvas;
    this.crop = crop;
    this.context = canvas.getContext("2d", { alpha: false });
    /** @type {any} */ this.face = null;
    /** @type {any} */ this.view = null;
    this.written = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */ this.resting = undefined;
    stage.portraits.add(this);
    this._sit();
  }

  /**
   * Draw a face in a view; returns whether there is a picture of it.
   * A slow machine draws what is `moving` coarsely, and again as it should be when it rests.
   */
  show(face, view, moving = false) {
    clearTimeout(this.resting);
    const [studio, written] = [this.stage.ready(), JSON.stringify(face)];
    this.view = view;
    if (written !== this.written) {
      this.written = written;
      this.face = face;
      this.head?.set(face);
    }
    if (!studio) return false;
    const whole = studio.draw(this.head, view, this.context, this.crop, moving);
    if (!whole) this.resting = setTimeout(() => this.show(face, view), REST);
    return true;
  }

  // Take a seat in the studio of now.
  _sit() {
    this.head = this.stage.studio?.head();
    if (this.face) this.head?.set(this.face);
  }

  _pose() {
    this._sit();
    if (this.face) this.show(this.face, this.view);
  }

  /** Give the seat to others; the last one to leave closes the stage. */
  leave() {
    const { stage } = this;
    clearTimeout(this.resting);
    if (!stage.portraits.delete(this)) return;
    if (stage.studio === this.head?.studio) this.head?.free();
    setTimeout(() => { if (!stage.portraits.size) closed(stage); }, LINGER);
  }
}

/** @returns {Map<string, Promise<Stage>>} */
function stages() {
  const page = /** @type {any} */ (globalThis);
  page[STAGES] ??= new Map();
  return page[STAGES];
}

/**
 * The stage of a face model, which is read once a page.
 * @param {string} key that no other model, constants or version of this code have
 * @param {any} constants what `kit.faces.web.constants` says
 * @param {() => Promise<ArrayBuffer>} load gets the model's file
 */
export async function openStage(key, constants, load) {
  if (!stages().has(key)) stages().set(key, opened(constants, load));
  try {
    return await stages().get(key);
  } catch (error) {
    stages().delete(key); // the next widget tries again
    throw error;
  }
}

async function opened(constants, load) {
  const canvas = document.createElement("canvas");
  context(canvas); // before the model is sent in vain
  return new Stage(await FaceModel.read(await load(), constants), canvas);
}

async function closed(stage) {
  for (const [key, other] of stages()) if ((await other) === stage) stages().delete(key);
  stage.close();
}
