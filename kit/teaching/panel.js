// Paints HTML that Python made, sends back what was pressed, keeps the focus where it was.
import { element } from "./element.js";
import { hearing } from "./hearing.js";

const WAITING = "Waiting for Python. If a cell is still running, the answer comes after it; "
  + "if the kernel has stopped, run this cell again.";

// Where in a list the pointer is: the number of rows whose middle lies above it.
function place(list, y) {
  const middles = [...list.querySelectorAll("[data-row]:not(.tk-dragged)")]
    .map((row) => row.getBoundingClientRect()).map((box) => box.top + box.height / 2);
  return middles.filter((middle) => middle < y).length;
}

function drag(body, send) {
  let row = null;
  body.addEventListener("dragstart", (event) => {
    row = event.target.closest("[data-row]");
    row?.classList.add("tk-dragged");
    event.dataTransfer?.setData("text/plain", "");
    event.stopPropagation();
  });
  body.addEventListener("dragend", () => { row?.classList.remove("tk-dragged"); row = null; });
  for (const kind of ["dragenter", "dragover"]) {
    body.addEventListener(kind, (event) => {
      if (row && event.target.closest("[data-list]")) { event.preventDefault(); event.stopPropagation(); }
    });
  }
  body.addEventListener("drop", (event) => {
    const list = event.target.closest("[data-list]");
    if (!row || !list) return;
    event.preventDefault();
    event.stopPropagation();
    send({ action: "drop", row: row.dataset.row, list: list.dataset.list, index: place(list, event.clientY) });
  });
}

function render({ model, el }) {
  const body = element("div", { tabIndex: -1 });
  const status = element("div", { className: "tk-status", role: "status" }); // stays, so that changes are announced
  let timer;
  el.classList.add("tk");
  el.append(body, status);

  function paint() {
    clearTimeout(timer);
    status.classList.remove("tk-waiting");
    const focused = /** @type {HTMLElement} */ (document.activeElement);
    const held = body.contains(focused) ? focused.dataset.id ?? "" : null;
    const { html, status: words } = model.get("page");
    body.innerHTML = html;
    status.textContent = words;
    // Else JupyterLab takes arrows and letters as its shortcuts; it looks at the focused element only.
    for (const control of [body, ...body.querySelectorAll("input, button, summary")]) {
      control.dataset.lmSuppressShortcuts = "true";
    }
    if (held === null) return;
    const again = body.querySelector("[data-focus]") ?? body.querySelector(`[data-id="${CSS.escape(held)}"]`);
    (again ?? body).focus();
  }

  function send(message) {
    clearTimeout(timer);
    timer = setTimeout(() => { status.textContent = WAITING; status.classList.add("tk-waiting"); }, 3000);
    model.send(message);
  }

  body.addEventListener("submit", (event) => {
    event.preventDefault();
    send({ action: event.target.dataset.action, ...Object.fromEntries(new FormData(event.target)) });
  });
  body.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-action]");
    if (button) send({ action: button.dataset.action, row: button.closest("[data-row]")?.dataset.row });
  });
  body.addEventListener("keydown", (event) => {
    const step = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    const button = step && event.target.closest("[data-row]")?.querySelector(`[data-action="${step}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  body.addEventListener("keydown", (event) => {
    // JupyterLab takes the browser's own "Enter sends the form" away from text inputs.
    if (event.key !== "Enter" || event.target.type !== "text") return;
    event.preventDefault();
    event.target.form?.requestSubmit();
  });
  drag(body, send);
  model.on("change:page", paint);
  paint();
  return () => { clearTimeout(timer); model.off("change:page", paint); };
}

export default { render: hearing(render) };
