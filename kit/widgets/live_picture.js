// Controls and a picture that Python draws.
import { hearing } from "../teaching/hearing.js";
import { fromKernel } from "./from_kernel.js";
import { picturePanel } from "./picture_panel.js";

function render({ model, el }) {
  const panel = picturePanel(el, model.get("groups"));
  const painter = fromKernel(model, panel);
  panel.changed = painter.changed;
  return () => { painter.stop(); panel.remove(); };
}

export default { render: hearing(render) };
