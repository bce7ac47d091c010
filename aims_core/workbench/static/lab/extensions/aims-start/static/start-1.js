// Runs the start notebook when it opens, so that people see the workbench and not a cell to run.
// A container for module federation, written by hand. Browsers keep it for ever: rename it with a change.
(() => {
  const NOTEBOOK = "00_start.ipynb";
  const CELL = "from aims_core import Workbench\n\nWorkbench()";

  const opened = (app) => new Promise((resolve) => {
    const look = () => {
      const shown = app.shell.currentWidget;
      if (!shown || !shown.context || shown.context.path !== NOTEBOOK) return;
      if (app.shell.currentChanged) app.shell.currentChanged.disconnect(look);
      resolve(shown);
    };
    if (app.shell.currentChanged) app.shell.currentChanged.connect(look);
    app.restored.then(look);
  });

  async function start(app) {
    const shown = await opened(app);
    await shown.context.ready;
    await shown.context.sessionContext.ready;
    // Only the cell as it was shipped runs by itself; what somebody wrote waits to be read.
    const code = Array.from(shown.context.model.cells).filter((cell) => cell.type === "code");
    if (code.length !== 1 || code[0].sharedModel.getSource().trim() !== CELL) return;
    await app.commands.execute("notebook:run-all-cells");
  }

  const plugin = {
    id: "aims-start:plugin",
    autoStart: true,
    // Nothing here may keep JupyterLab from starting.
    activate: (app) => { start(app).catch((reason) => console.error("AIMS start:", reason)); },
  };
  const container = { init: () => {}, get: async () => () => ({ __esModule: true, default: plugin }) };
  (window._JUPYTERLAB = window._JUPYTERLAB || {})["aims-start"] = container;
})();
