// From the numbers of a face to its vertices, its normals, and how much of each layer its texture has.
import { readNpz } from "./npz.js";

const ARRAYS = [
  "part", "triangles", "uv", "uv_triangles", "occlusion", "gloss", "fade", "cap", "cap_offset", "visibility",
  "visibility_scale", "shape_design", "shape_design_scale", "shape_components", "shape_components_scale", "expressions",
  "expressions_scale", "texture_base", "texture_base_scale", "layer_maps", "layer_maps_scale", "layer_colours",
  "layer_effects", "layer_loadings",
];

/**
 * The numbers that make a face, as in `kit.faces.Faces`.
 * @typedef {object} Face
 * @property {number} sex from -1, female, to 1, male
 * @property {number} age years
 * @property {number[]} ancestry weights of the archetypes
 * @property {number[]} shape coefficients in standard deviations
 * @property {number[]} texture coefficients in standard deviations
 * @property {number[]} expression strengths
 */

/** The generative model of `kit.faces.model`, as far as pictures need it. */
export class FaceModel {
  /**
   * @param {Record<string, {data: any, shape: number[]}>} arrays
   * @param {any} constants what `kit.faces.web.constants` says
   */
  constructor(arrays, constants) {
    /** @type {any} */
    this.arrays = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.data]));
    this.constants = constants;
    this.vertexCount = arrays.occlusion.shape[0];
    this.layerCount = arrays.layer_maps.shape[0];
    this.textureSize = arrays.layer_maps.shape[1];
    /** @type {Uint32Array[]} */
    this.touched = [];
    const { origin, uv, triangles } = joined(this.arrays, constants.teeth);
    this.origin = origin; // the vertex of each corner
    this.uv = uv;
    this.triangles = triangles;
  }

  /** @param {ArrayBuffer} file @param {any} constants */
  static async read(file, constants) {
    return new FaceModel(await readNpz(file, ARRAYS), constants);
  }

  /** The design row of `kit.faces.design`. @param {Face} face */
  designRow({ sex, age, ancestry }) {
    const a = (age - this.constants.centre_age) / this.constants.age_unit;
    const [p, q] = [ancestry[0] - ancestry[2], ancestry[1] - ancestry[2]];
    return [1, sex, a, p, q, sex * a, sex * p, sex * q, a * p, a * q];
  }

  /** How far a head turns, in degrees, for its nose to go by one pixel of a picture of that many across. */
  turned(pixels) {
    const average = this.arrays.shape_design.subarray(0, 3 * this.vertexCount);
    const nose = average.reduce((most, z, i) => (i % 3 === 2 ? Math.max(most, z) : most), 0);
    const radius = nose * this.arrays.shape_design_scale[0]; // mm
    return (180 / Math.PI) * (this.constants.frames.head.field / pixels / radius);
  }

  /** Millimetres, (v, 3) one after the other. @param {Face} face @param {boolean} cap */
  vertices(face, cap) {
    const out = new Float32Array(3 * this.vertexCount);
    this._add(out, "shape_design", this.designRow(face));
    this._add(out, "shape_components", face.shape);
    this._add(out, "expressions", face.expression);
    if (cap) this.arrays.cap_offset.forEach((value, i) => { out[i] += value; });
    return out;
  }

  _add(out, name, amounts) {
    const [basis, scale] = [this.arrays[name], this.arrays[`${name}_scale`]];
    for (let k = 0; k < amounts.length; k += 1) {
      const amount = amounts[k] * scale[k];
      if (amount === 0) continue;
      const start = k * out.length;
      for (let i = 0; i < out.length; i += 1) out[i] += amount * basis[start + i];
    }
  }

  /** Unit normals of the vertices: the area-weighted mean of the triangles round each. */
  normals(vertices) {
    const [out, corners, origin] = [new Float32Array(vertices.length), this.triangles, this.origin];
    for (let t = 0; t < corners.length; t += 3) {
      const [a, b, c] = [3 * origin[corners[t]], 3 * origin[corners[t + 1]], 3 * origin[corners[t + 2]]];
      const [x, y, z] = [vertices[a], vertices[a + 1], vertices[a + 2]];
      const [ux, uy, uz] = [vertices[b] - x, vertices[b + 1] - y, vertices[b + 2] - z];
      const [vx, vy, vz] = [vertices[c] - x, vertices[c + 1] - y, vertices[c + 2] - z];
      const [nx, ny, nz] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
      out[a] += nx; out[a + 1] += ny; out[a + 2] += nz;
      out[b] += nx; out[b + 1] += ny; out[b + 2] += nz;
      out[c] += nx; out[c + 1] += ny; out[c + 2] += nz;
    }
    for (let i = 0; i < out.length; i += 3) {
      const length = Math.hypot(out[i], out[i + 1], out[i + 2]) || 1;
      out[i] /= length; out[i + 1] /= length; out[i + 2] /= length;
    }
    return out;
  }

  /** How much of each layer a texture has: what the layer's integers are multiplied with. @param {Face} face */
  layers(face) {
    const out = new Float32Array(this.layerCount);
    const rows = [[this.arrays.layer_effects, this.designRow(face)], [this.arrays.layer_loadings, face.texture]];
    for (const [effects, amounts] of rows) {
      for (let k = 0; k < amounts.length; k += 1) {
        for (let l = 0; l < out.length; l += 1) out[l] += amounts[k] * effects[k * out.length + l];
      }
    }
    return out.map((amount, l) => amount * this.arrays.layer_maps_scale[l]);
  }

  /** The integers of one layer, texel by texel. */
  layer(l) {
    const texels = this.textureSize ** 2;
    return this.arrays.layer_maps.subarray(l * texels, (l + 1) * texels);
  }

  /** The texels that a layer changes: most, such as brows and lips, are small. */
  places(l) {
    this.touched[l] ??= nonzero(this.layer(l));
    return this.touched[l];
  }
}

function nonzero(values) {
  const found = new Uint32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i += 1) if (values[i] !== 0) found[count++] = i;
  return found.slice(0, count);
}

/** A texture that follows a face: log albedo is a sum of layers, and only those that changed are added. */
export class Texture {
  /** @param {FaceModel} model */
  constructor(model) {
    this.model = model;
    this.layers = new Float32Array(model.layerCount);
    this.sum = this._base();
    /** Shown albedo, (h, w, 4). */
    this.bytes = new Uint8ClampedArray((4 * this.sum.length) / 3).fill(255);
    this.fresh = false;
  }

  // Log albedo without any layer, (h, w, 3).
  _base() {
    const { texture_base: whole, texture_base_scale: scale } = this.model.arrays;
    const texels = whole.length / 3;
    const base = new Float32Array(whole.length);
    for (let c = 0; c < 3; c += 1) {
      for (let i = 0; i < texels; i += 1) base[3 * i + c] = whole[c * texels + i] * scale[c];
    }
    return base;
  }

  /** Bring `bytes` to a face; returns whether they changed. @param {Face} face */
  paint(face) {
    const { layer_colours: colours } = this.model.arrays;
    const layers = this.model.layers(face);
    const changed = [...layers.keys()].filter((l) => layers[l] !== this.layers[l]);
    if (this.fresh && !changed.length) return false;
    for (const l of changed) {
      const more = layers[l] - this.layers[l];
      this._add(l, more * colours[3 * l], more * colours[3 * l + 1], more * colours[3 * l + 2]);
    }
    this.layers = layers;
    this.fresh = true;
    this._expose();
    return true;
  }

  _expose() {
    const { sum, bytes } = this;
    for (let i = 0, j = 0; i < sum.length; i += 3, j += 4) {
      bytes[j] = 255 * Math.exp(sum[i]);
      bytes[j + 1] = 255 * Math.exp(sum[i + 1]);
      bytes[j + 2] = 255 * Math.exp(sum[i + 2]);
    }
  }

  _add(layer, red, green, blue) {
    const { sum } = this;
    const [texels, places] = [this.model.layer(layer), this.model.places(layer)];
    for (let k = 0; k < places.length; k += 1) {
      const i = places[k];
      const j = 3 * i;
      sum[j] += red * texels[i];
      sum[j + 1] += green * texels[i];
      sum[j + 2] += blue * texels[i];
    }
  }
}

// Corners with one texture coordinate each: a vertex on a seam becomes several.
function joined({ part, triangles, uv_triangles: uvTriangles, uv }, teeth) {
  const [places, origin, uvs, corners] = [new Map(), [], [], []];
  for (let k = 0; k < triangles.length; k += 1) {
    if (part[Math.floor(k / 3)] === teeth) continue;
    const key = triangles[k] * 65536 + uvTriangles[k];
    if (!places.has(key)) {
      places.set(key, origin.length);
      origin.push(triangles[k]);
      uvs.push(uv[2 * uvTriangles[k]], uv[2 * uvTriangles[k] + 1]);
    }
    corners.push(places.get(key));
  }
  return { origin: Uint16Array.from(origin), uv: Uint16Array.from(uvs), triangles: Uint16Array.from(corners) };
}
