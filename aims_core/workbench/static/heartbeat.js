// Says so when the kernel no longer answers: without it, buttons look alive and save nothing.

function render({ model, el }) {
  const banner = document.createElement("div");
  banner.setAttribute("role", "alert");
  banner.hidden = true;
  banner.className = "aims-dead";
  banner.textContent = "Not connected: what you see is a picture now, and nothing you click is saved. "
    + "Choose Kernel, then Restart Kernel and Run All Cells.";
  el.append(banner);
  let heard = Date.now();
  let dead = false;

  function mark(now) {
    if (now === dead) return;
    dead = now;
    banner.hidden = !now;
    const around = el.closest(".aims-workbench");
    if (!around) return;
    for (const part of around.children) if (!part.contains(el)) { part.inert = now; part.style.opacity = now ? 0.45 : ""; }
  }
  const answered = (message) => { if (message && message.pong) { heard = Date.now(); mark(false); } };
  model.on("msg:custom", answered);
  const timer = setInterval(() => {
    try { model.send({ ping: true }); } catch { heard = 0; }
    if (Date.now() - heard > model.get("limit_ms")) mark(true);
  }, model.get("period_ms"));
  return () => { clearInterval(timer); model.off("msg:custom", answered); };
}

export default { render };
