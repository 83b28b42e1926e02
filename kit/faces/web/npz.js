// Reads arrays from a .npz file, which is a zip of .npy files, as numpy writes it.

const END = 0x06054b50;
const TYPES = { "|i1": Int8Array, "|u1": Uint8Array, "<i2": Int16Array, "<u2": Uint16Array, "<f4": Float32Array };

/**
 * @param {ArrayBuffer} file
 * @param {string[]} names of the arrays that are wanted
 * @returns {Promise<Record<string, {data: any, shape: number[]}>>}
 */
export async function readNpz(file, names) {
  const places = directory(new DataView(file));
  const missing = names.filter((name) => !places.has(`${name}.npy`));
  if (missing.length) throw new Error(`this is not a face model of this kit: array ${missing[0]} is missing`);
  const arrays = await Promise.all(names.map(async (name) => parsed(await unzipped(file, places.get(`${name}.npy`)))));
  return Object.fromEntries(names.map((name, k) => [name, arrays[k]]));
}

// Name to {method, start, length} of every file in the zip.
function directory(view) {
  let end = view.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end -= 1;
  if (end < 0) throw new Error("the face model is no .npz file, or was cut off");
  const places = new Map();
  let at = view.getUint32(end + 16, true);
  for (let k = view.getUint16(end + 10, true); k > 0; k -= 1) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const local = view.getUint32(at + 42, true);
    places.set(new TextDecoder().decode(new Uint8Array(view.buffer, at + 46, name)), {
      method: view.getUint16(at + 10, true),
      start: local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true),
      length: view.getUint32(at + 20, true),
    });
    at += 46 + name + extra + comment;
  }
  return places;
}

async function unzipped(file, { method, start, length }) {
  if (method === 0) return file.slice(start, start + length);
  const stream = new Blob([new Uint8Array(file, start, length)]).stream();
  return new Response(stream.pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer();
}

function parsed(file) {
  const start = 10 + new DataView(file).getUint16(8, true);
  const header = new TextDecoder().decode(new Uint8Array(file, 10, start - 10));
  const type = header.match(/'descr': '([^']+)'/)[1];
  const shape = header.match(/'shape': \(([^)]*)\)/)[1].split(",").filter((n) => n.trim()).map(Number);
  const data = numbers(file, start, type);
  return { data: header.includes("'fortran_order': True") ? byRows(data, shape) : data, shape };
}

function numbers(file, start, type) {
  if (type === "<f2") return Float32Array.from(new Uint16Array(file, start), half);
  if (!TYPES[type]) throw new Error(`an array of the face model has the type ${type}, which is not read here`);
  return new TYPES[type](file, start);
}

// Numbers of a matrix that were written column by column, row by row.
function byRows(data, shape) {
  const [rows, columns, ...more] = shape;
  if (more.length) throw new Error("an array of the face model has its axes in an order that is not read here");
  return data.map((_, i) => data[Math.floor(i / columns) + rows * (i % columns)]);
}

// A half-precision number from its 16 bits.
function half(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
  return bits & 32768 ? -size : size;
}
