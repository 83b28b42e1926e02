// anywidget gives a widget's code two seconds to load. On a busy machine it comes later, and from then on anywidget
// drops whatever Python says: the widget is there, but deaf. Here it listens again, and asks for what it has missed.

const NOTHING = { content: { data: { method: "" } } };

/** A widget's `render` that hears Python, however late it comes. */
export function hearing(render) {
  return (view) => {
    const { model, el } = view;
    model.on("change:_dom_classes", () => el.classList.add(...model.get("_dom_classes"))); // anywidget drops these, too
    listen(behind(model));
    return render(view);
  };
}

// The model that anywidget wraps: it is what Backbone says has changed. None on a page without Python.
function behind(wrapped) {
  let model = null;
  const take = (changed) => { model = changed; };
  wrapped.on("change:heard", take);
  wrapped.set("heard", true);
  wrapped.off("change:heard", take);
  return model;
}

async function listen(model) {
  try {
    await model?._handle_comm_msg(NOTHING);
  } catch {
    const plain = Object.getPrototypeOf(Object.getPrototypeOf(model)); // ipywidgets' own, which waits for nothing
    model._handle_comm_msg = plain._handle_comm_msg;
    model.comm.on_msg((message) => model._handle_comm_msg(message));
    model.comm.send({ method: "request_state" });
  }
}
