// Prints vertices, normals and albedo of faces: `node model.mjs FILE` reads {constants, faces} as JSON from stdin.
import { readFileSync } from "node:fs";
import { FaceModel, Texture } from "../../kit/faces/web/model.js";

const { constants, faces } = JSON.parse(readFileSync(0, "utf8"));
const file = readFileSync(process.argv[2]);
const whole = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
const model = await FaceModel.read(/** @type {ArrayBuffer} */ (whole), constants);
const texture = new Texture(model); // one for all, as in a page: each face follows the one before
console.log(JSON.stringify([model.triangles.length / 3, faces.map((face) => {
  const vertices = model.vertices(face, true);
  texture.paint(face);
  return { vertices: [...vertices], normals: [...model.normals(vertices)], albedo: [...texture.bytes] };
})]));
