// What tests/support/lab.py asks of a JupyterLab page.
window.lab = {
  async ready() {
    const late = new Promise((_, fail) => setTimeout(fail, 60000, new Error("no kernel after 60 s: a kernelspec?")));
    await Promise.race([lab.started(), late]);
  },

  async started() {
    await jupyterapp.restored;
    const panel = jupyterapp.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session?.kernel?.info;
  },

  cells() {
    return [...jupyterapp.shell.currentWidget.content.model.cells]
      .filter((cell) => cell.type === "code" && cell.sharedModel.getSource().trim());
  },

  outputs(cell) {
    return Array.from({ length: cell.outputs.length }, (_, i) => cell.outputs.get(i).toJSON());
  },

  failures() {
    return lab.cells().filter((cell) => !(cell.getMetadata("tags") ?? []).includes("raises-exception"))
      .flatMap((cell) => lab.outputs(cell).filter((output) => output.output_type === "error")
        .map((output) => [cell.sharedModel.getSource(), ...output.traceback].join("\n").replace(/\x1b\[[\d;]*m/g, "")));
  },

  // A failure stops a run, and the cells behind it never get a count.
  finished() {
    return lab.failures().length > 0 || lab.cells().every((cell) => cell.executionCount !== null);
  },

  async theme(name) {
    await jupyterapp.commands.execute("apputils:change-theme", { theme: name });
  },

  // What a picture shows now: the address of an image that has arrived, or a small copy of a canvas.
  fingerprint(selector) {
    const picture = document.querySelector(selector);
    if (picture instanceof HTMLImageElement) return picture.complete && picture.naturalWidth ? picture.src : null;
    if (!(picture instanceof HTMLCanvasElement)) return null;
    const small = new OffscreenCanvas(32, 32).getContext("2d");
    small.drawImage(picture, 0, 0, 32, 32);
    return small.getImageData(0, 0, 32, 32).data.join();
  },

  // Wait for the next key; `lab.elapsed` resolves to the milliseconds until the picture is another one.
  arm(selector) {
    const before = lab.fingerprint(selector);
    lab.elapsed = new Promise((resolve, reject) => {
      window.addEventListener("keydown", (event) => {
        const look = () => {
          const now = lab.fingerprint(selector);
          const passed = performance.now() - event.timeStamp;
          if (now !== null && now !== before) requestAnimationFrame(() => resolve(performance.now() - event.timeStamp));
          else if (passed > 10000) reject(new Error(`${selector} did not change after ${event.key}`));
          else requestAnimationFrame(look);
        };
        look();
      }, { capture: true, once: true });
    });
    return true;
  },

  faint(selector) {
    const channels = (color) => color.match(/[\d.]+/g).map(Number);
    const luminance = (color) => channels(color).slice(0, 3).map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = getComputedStyle(at).backgroundColor;
        if ((channels(color)[3] ?? 1) > 0.99) return color;
      }
      return "rgb(255, 255, 255)";
    };
    return [...document.querySelectorAll(`${selector}, ${selector} *`)].flatMap((element) => {
      const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
      if (!text || !element.checkVisibility()) return [];
      const [a, b] = [getComputedStyle(element).color, behind(element)].map(luminance);
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return ratio < 4.5 ? [`${ratio.toFixed(1)}: ${text}`] : [];
    });
  },
};
