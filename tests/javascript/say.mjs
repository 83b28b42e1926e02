// Prints what functions of a module answer: `node say.mjs MODULE` reads [[name, arguments], ...] as JSON from stdin.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const asked = JSON.parse(readFileSync(0, "utf8"));
const module = await import(pathToFileURL(process.argv[2]));
console.log(JSON.stringify(asked.map(([name, given]) => module[name](...given))));
