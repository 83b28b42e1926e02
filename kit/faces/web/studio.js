// One WebGL context that draws heads, and hands the picture of each to a canvas of its own.
import { Texture } from "./model.js";
import { ATTRIBUTES, headFragment, headVertex } from "./shaders.js";

const SAMPLES = 2; // across a pixel: as Python, twice the size and then the mean of display values
const SLOW = 8; // ms, half a frame: where a picture takes longer, a hand that moves is shown one sample a pixel

/**
 * How a head is shown, as in `kit.faces.Faces.render`; angles in degrees.
 * @typedef {{yaw: number, pitch: number, azimuth: number, elevation: number, cap: boolean, frame: string}} View
 */

/** What the graphics card holds of one face. */
class Head {
  constructor(studio) {
    this.studio = studio;
    /** @type {any} */ this.face = null;
    this.worn = false;
    const { gl } = studio;
    this.buffer = gl.createBuffer();
    this.albedo = gl.createTexture();
    this.shape = studio._shape(this.buffer);
    this.texture = new Texture(studio.model);
    this.stale = true;
  }

  /** Show this face from now on. @param {import("./model.js").Face} face */
  set(face) {
    this.face = face;
    this.stale = true;
  }

  /** Give back what the graphics card holds. */
  free() {
    const { gl } = this.studio;
    gl.deleteBuffer(this.buffer);
    gl.deleteTexture(this.albedo);
    gl.deleteVertexArray(this.shape);
  }
}

/** The WebGL2 context of a canvas. Throws if there is none. @returns {WebGL2RenderingContext} */
export function context(canvas) {
  const plain = { antialias: false, alpha: false, depth: false, powerPreference: "low-power" };
  const gl = canvas.getContext("webgl2", plain);
  if (!gl) throw new Error("this browser has no WebGL2");
  return gl;
}

export class Studio {
  /** @param {import("./model.js").FaceModel} model @param {HTMLCanvasElement | OffscreenCanvas} canvas */
  constructor(model, canvas) {
    this.model = model;
    this.canvas = canvas;
    this.gl = context(canvas);
    this.slow = false; // whether the last picture at rest was
    this.pixel = new Uint8Array(4);
    this._build();
  }

  head() {
    return new Head(this);
  }

  /**
   * Draw a head, and copy the picture, or the part of it that begins at `left` and `top`, to a canvas.
   * @param {Head} head @param {View} view @param {CanvasRenderingContext2D} target
   * @param {{size: number, left: number, top: number}} crop @param {boolean} moving whether the next one comes soon
   * @returns whether this is the whole picture: one that moves has fewer samples where time is short
   */
  draw(head, view, target, { size, left, top }, moving) {
    if (this.gl.isContextLost()) return true;
    if (head.stale) this._paint(head);
    if (head.stale || head.worn !== view.cap) this._form(head, view.cap);
    head.stale = false;
    this._room(size);
    const [samples, began] = [moving && this.slow ? 1 : SAMPLES, performance.now()];
    this._shoot(head, view, size, samples);
    const { width, height } = target.canvas;
    target.drawImage(this.canvas, left, top, width, height, 0, 0, width, height);
    if (!moving) {
      this.gl.readPixels(0, 0, 1, 1, this.gl.RGBA, this.gl.UNSIGNED_BYTE, this.pixel); // waits until all is drawn
      this.slow = performance.now() - began > SLOW;
    }
    return samples === SAMPLES;
  }

  // ---- once

  _build() {
    const { gl } = this;
    /** @type {Map<string, ReturnType<Studio["_program"]>>} */
    this.shaders = new Map();
    this._shader(Object.keys(this.model.constants.frames)[0]); // what does not compile is to be known at once
    this.fixed = this._buffers();
    /** @type {WebGLFramebuffer} */
    this.room = null;
    this.side = 0;
    gl.enable(gl.CULL_FACE);
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL); // of two at the same depth the later one, as in Python
  }

  // The program of a frame: camera, lights and materials are constants in it.
  _shader(frame) {
    const optics = this.model.constants.frames[frame];
    if (!this.shaders.has(frame)) this.shaders.set(frame, this._program(headVertex(optics), headFragment(optics)));
    return this.shaders.get(frame);
  }

  _program(vertex, fragment) {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      const logs = gl.getAttachedShaders(program).map((shader) => gl.getShaderInfoLog(shader));
      throw new Error(`a shader does not compile: ${[gl.getProgramInfoLog(program), ...logs].join(" ")}`);
    }
    const places = new Map();
    const uniform = (name) => places.get(name) ?? places.set(name, gl.getUniformLocation(program, name)).get(name);
    return { program, uniform };
  }

  // What all heads have in common: texture coordinates, surface, visibility, triangles.
  _buffers() {
    const { gl, model } = this;
    const { occlusion, gloss, fade, cap, visibility } = model.arrays;
    const surface = new Float32Array(4 * model.origin.length);
    const visible = new Int8Array(16 * model.origin.length);
    model.origin.forEach((vertex, i) => {
      surface.set([occlusion[vertex] / 255, gloss[vertex], fade[vertex], cap[vertex]], 4 * i);
      for (let k = 0; k < 16; k += 1) visible[16 * i + k] = visibility[k * model.vertexCount + vertex];
    });
    const filled = (values, kind = /** @type {number} */ (gl.ARRAY_BUFFER)) => {
      const buffer = gl.createBuffer();
      gl.bindVertexArray(null);
      gl.bindBuffer(kind, buffer);
      gl.bufferData(kind, values, gl.STATIC_DRAW);
      return buffer;
    };
    return {
      uv: filled(model.uv), surface: filled(surface), visible: filled(visible),
      triangles: filled(model.triangles, gl.ELEMENT_ARRAY_BUFFER),
    };
  }

  // The vertex array of a head: `moving` holds position and normal of every corner.
  _shape(moving) {
    const { gl, fixed } = this;
    const shape = gl.createVertexArray();
    gl.bindVertexArray(shape);
    const read = (name, buffer, count, kind, stride = 0, offset = 0) => {
      const place = ATTRIBUTES.indexOf(name);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, count, kind, kind !== gl.FLOAT, stride, offset);
    };
    read("position", moving, 3, gl.FLOAT, 24, 0);
    read("normal", moving, 3, gl.FLOAT, 24, 12);
    read("uv", fixed.uv, 2, gl.UNSIGNED_SHORT);
    read("surface", fixed.surface, 4, gl.FLOAT);
    for (let k = 0; k < 4; k += 1) read(`visible_${k}`, fixed.visible, 4, gl.BYTE, 16, 4 * k);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, fixed.triangles);
    return shape;
  }

  // ---- once a face

  _form(head, cap) {
    const { gl, model } = this;
    const vertices = model.vertices(head.face, cap);
    const normals = model.normals(vertices);
    const moving = new Float32Array(6 * model.origin.length);
    let square = 0;
    for (let i = 0; i < model.origin.length; i += 1) {
      const at = 3 * model.origin[i];
      for (let axis = 0; axis < 3; axis += 1) {
        moving[6 * i + axis] = vertices[at + axis];
        moving[6 * i + 3 + axis] = normals[at + axis];
      }
      square = Math.max(square, vertices[at] ** 2 + vertices[at + 1] ** 2 + vertices[at + 2] ** 2);
    }
    head.reach = 1.01 * Math.sqrt(square);
    head.worn = cap;
    gl.bindBuffer(gl.ARRAY_BUFFER, head.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, moving, gl.DYNAMIC_DRAW);
  }

  _paint(head) {
    const { gl, model } = this;
    if (!head.texture.paint(head.face)) return;
    const bytes = new Uint8Array(head.texture.bytes.buffer);
    gl.bindTexture(gl.TEXTURE_2D, head.albedo);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.LINEAR);
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
    const side = model.textureSize;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, side, side, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  }

  // ---- once a picture

  // A place for the samples, as large as the largest picture so far.
  _room(size) {
    const { gl, canvas } = this;
    if (this.room && this.side >= size) return;
    if (this.room) for (const buffer of [this.colours, this.depths]) gl.deleteRenderbuffer(buffer);
    this.room ??= gl.createFramebuffer();
    this.side = canvas.width = canvas.height = size;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.room);
    const attached = (place, format) => {
      const buffer = gl.createRenderbuffer();
      gl.bindRenderbuffer(gl.RENDERBUFFER, buffer);
      gl.renderbufferStorage(gl.RENDERBUFFER, format, SAMPLES * size, SAMPLES * size);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, place, gl.RENDERBUFFER, buffer);
      return buffer;
    };
    this.colours = attached(gl.COLOR_ATTACHMENT0, gl.RGBA8);
    this.depths = attached(gl.DEPTH_ATTACHMENT, gl.DEPTH_COMPONENT24);
  }

  _shoot(head, view, size, samples) {
    const { gl, model, side } = this;
    const shader = this._shader(view.frame);
    const [wide, grey] = [samples * size, model.constants.background / 255];
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.room);
    gl.viewport(0, 0, wide, wide);
    gl.clearColor(grey, grey, grey, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.useProgram(shader.program);
    gl.uniform3f(shader.uniform("background"), grey, grey, grey);
    gl.uniform2f(shader.uniform("samples"), wide, wide);
    this._arrange(shader, head, view);
    gl.bindTexture(gl.TEXTURE_2D, head.albedo);
    gl.bindVertexArray(head.shape);
    gl.drawElements(gl.TRIANGLES, model.triangles.length, gl.UNSIGNED_SHORT, 0);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
    // Each pixel becomes the mean of its samples; the canvas counts rows from its upper edge.
    gl.blitFramebuffer(0, 0, wide, wide, 0, side - size, size, side, gl.COLOR_BUFFER_BIT, gl.LINEAR);
  }

  // Camera, lamp and what it reaches.
  _arrange(shader, head, view) {
    const { gl, model } = this;
    const { distance } = model.constants.frames[view.frame];
    const rotation = headRotation(view.yaw, view.pitch);
    const lamp = unitDirection(view.azimuth, view.elevation);
    const [near, far] = [distance - head.reach, distance + head.reach];
    gl.uniformMatrix3fv(shader.uniform("rotation"), true, rotation.flat());
    gl.uniform2f(shader.uniform("depth"), (far + near) / (far - near), (-2 * far * near) / (far - near));
    gl.uniform3fv(shader.uniform("lamp"), lamp);
    gl.uniform1i(shader.uniform("capped"), Number(view.cap));
    // The lamp as the head has it: the head turns, the lamp does not.
    const inHead = [0, 1, 2].map((j) => rotation.reduce((sum, row, i) => sum + row[j] * lamp[i], 0));
    const scale = model.arrays.visibility_scale;
    gl.uniform4fv(shader.uniform("sky"), sphericalHarmonics(inHead).map((value, k) => 127 * scale[k] * value));
  }
}

const radians = (degrees) => (degrees * Math.PI) / 180;

/** The unit vector towards azimuth (right positive) and elevation (up positive). */
export function unitDirection(azimuth, elevation) {
  const [a, e] = [radians(azimuth), radians(elevation)];
  return [Math.sin(a) * Math.cos(e), Math.sin(e), Math.cos(a) * Math.cos(e)];
}

/** Rows of the rotation that nods the head by `pitch`, then turns it by `yaw`. */
export function headRotation(yaw, pitch) {
  const [y, p] = [radians(yaw), radians(pitch)];
  return [
    [Math.cos(y), -Math.sin(y) * Math.sin(p), Math.sin(y) * Math.cos(p)],
    [0, Math.cos(p), Math.sin(p)],
    [-Math.sin(y), -Math.cos(y) * Math.sin(p), Math.cos(y) * Math.cos(p)],
  ];
}

/** Real spherical harmonics of orders 0 to 3 in a direction, as in `kit.faces.mesh`. */
export function sphericalHarmonics(direction) {
  const [x, y, z] = direction;
  const c = (a, b) => Math.sqrt(a / (b * Math.PI));
  return [
    c(1, 4), c(3, 4) * y, c(3, 4) * z, c(3, 4) * x,
    c(15, 4) * x * y, c(15, 4) * y * z, c(5, 16) * (3 * z * z - 1), c(15, 4) * x * z, c(15, 16) * (x * x - y * y),
    c(35, 32) * y * (3 * x * x - y * y), c(105, 4) * x * y * z, c(21, 32) * y * (5 * z * z - 1),
    c(7, 16) * z * (5 * z * z - 3), c(21, 32) * x * (5 * z * z - 1), c(105, 16) * z * (x * x - y * y),
    c(35, 32) * x * (x * x - 3 * y * y),
  ];
}
