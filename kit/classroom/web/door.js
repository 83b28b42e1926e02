// The door: whoever takes part on this device already is offered to go on.
import { known } from "./page.js";

if (known()) {
  document.querySelector("#known").removeAttribute("hidden");
  document.querySelector("#known a").setAttribute("href", `/p#${known()}`);
}
