// Draws each figure when it comes near the window; its caption says what it shows either way.
const shrink = (layout) => {
  layout.font = { ...layout.font, size: 11 };
  layout.margin = { ...layout.margin, l: Math.min(layout.margin?.l ?? 52, 52), r: Math.min(layout.margin?.r ?? 8, 8) };
  for (const note of layout.annotations ?? []) note.font = { ...note.font, size: 10 };
};

const draw = (figure) => {
  const { data, layout, config, frames } = JSON.parse(figure.querySelector("script").textContent);
  const place = figure.querySelector("[data-plot]");
  place.style.display = "block"; // else it has no width yet
  if (place.clientWidth < 500) shrink(layout);
  const fluid = { ...layout, width: undefined, autosize: true };
  const { Plotly } = /** @type {any} */ (globalThis);
  Plotly.newPlot(place, { data, layout: fluid, frames, config: { ...config, responsive: true } });
};

const near = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    draw(target);
  }
}, { rootMargin: "600px" });

for (const figure of document.querySelectorAll("figure.plot")) near.observe(figure);
addEventListener("beforeprint", () => document.querySelectorAll("figure.plot").forEach((figure) => {
  near.unobserve(figure);
  if (!figure.querySelector("svg")) draw(figure);
}));
