// The status line. The live region stays in the page and only its text changes: that is what screen
// readers announce. Out of sight, the same words float at the foot of the window.

const SIGNS = { ok: "✔", info: "•", error: "✖" };
const LINGERS_MS = 9000;

function render({ model, el }) {
  const line = document.createElement("div");
  line.className = "aims-status";
  line.setAttribute("role", "status");
  line.setAttribute("aria-live", "polite");
  const sign = document.createElement("span");
  sign.setAttribute("aria-hidden", "true");
  const words = document.createElement("span");
  line.append(sign, words);
  el.append(line);

  const toast = document.createElement("div");
  toast.className = "aims-toast";
  toast.hidden = true;
  const said = document.createElement("span");
  said.setAttribute("aria-hidden", "true");
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Dismiss";
  toast.append(said, close);
  document.body.append(toast);

  let inSight = true;
  let timer;
  const hide = () => { clearTimeout(timer); toast.hidden = true; };
  const onKey = (event) => { if (event.key === "Escape") hide(); };
  close.addEventListener("click", hide);
  document.addEventListener("keydown", onKey);
  const watcher = new IntersectionObserver(([entry]) => {
    inSight = entry.isIntersecting;
    if (inSight) hide();
  });
  watcher.observe(line);

  function show() {
    const text = model.get("text"), level = model.get("level");
    line.dataset.level = toast.dataset.level = level;
    line.dataset.quiet = String(!text);
    sign.textContent = text ? SIGNS[level] + " " : "";
    words.textContent = text;
    hide();
    if (!text || inSight) return;
    said.textContent = SIGNS[level] + " " + text;
    toast.hidden = false;
    // A refusal stays until it is read.
    if (level !== "error") timer = setTimeout(hide, LINGERS_MS);
  }
  model.on("change:number", show);
  show();
  return () => {
    model.off("change:number", show);
    document.removeEventListener("keydown", onKey);
    watcher.disconnect();
    hide();
    toast.remove();
  };
}

export default { render };
