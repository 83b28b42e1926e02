// The door: whoever takes part on this device already is offered to go on.
import { known } from "/static/page.js";

const again = document.querySelector("#known");
if (known()) {
  again.hidden = false;
  again.querySelector("a").href = `/p#${known()}`;
}
