// A table that holds one page. Every text reaches the page through textContent, so data stays data.

function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "role" || name === "scope" || name.startsWith("aria-")) node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children);
  return node;
}

function render({ model, el }) {
  el.classList.add("aims-table");
  const search = make("input", { type: "search", placeholder: "Search", "aria-label": `Search ${model.get("label")}` });
  const bar = make("div", { className: "aims-bar" }, search);
  const head = make("thead");
  const body = make("tbody");
  const caption = make("caption", { className: "aims-sr", textContent: model.get("label") });
  const table = make("table", {}, caption, head, body);
  const scroll = make("div", { className: "aims-scroll", tabIndex: 0, role: "region", "aria-label": model.get("label") }, table);
  const back = make("button", { type: "button", textContent: "Previous" });
  const on = make("button", { type: "button", textContent: "Next" });
  const where = make("span", { role: "status", "aria-live": "polite" });
  const pager = make("div", { className: "aims-pager" }, back, on, where);
  el.append(bar, scroll, pager);

  const set = (values) => { for (const [k, v] of Object.entries(values)) model.set(k, v); model.save_changes(); };
  let waiting;
  search.value = model.get("search");
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => set({ search: search.value }), 250);
  });
  back.addEventListener("click", () => set({ page: Math.max(0, model.get("page") - 1) }));
  on.addEventListener("click", () => set({ page: model.get("page") + 1 }));

  // People look for the name, so the linked column comes first and the key last.
  function order() {
    const places = model.get("columns").map((_, place) => place);
    const linked = model.get("columns").findIndex((column) => column.key === model.get("link"));
    return linked > 0 ? [linked, ...places.filter((place) => place && place !== linked), 0] : places;
  }

  function drawHead() {
    const row = make("tr");
    for (const column of order().map((place) => model.get("columns")[place])) {
      const sorted = model.get("sort") === column.key;
      const down = sorted && model.get("descending");
      const button = make("button", { type: "button", textContent: column.title + (sorted ? (down ? " ▼" : " ▲") : "") });
      button.addEventListener("click", () => set({ sort: column.key, descending: sorted && !down, page: 0 }));
      row.append(make("th", { scope: "col", "aria-sort": sorted ? (down ? "descending" : "ascending") : "none" }, button));
    }
    head.replaceChildren(row);
  }

  function drawBody() {
    const columns = model.get("columns");
    const rows = model.get("rows").map((cells) => drawRow(cells));
    if (!rows.length) rows.push(make("tr", {}, make("td", { colSpan: Math.max(1, columns.length), className: "aims-empty", textContent: model.get("empty") })));
    body.replaceChildren(...rows);
    const total = model.get("total"), size = model.get("page_size"), page = model.get("page");
    where.textContent = total ? `${page * size + 1} to ${Math.min(total, (page + 1) * size)} of ${total.toLocaleString("en")}${model.get("more") ? "+" : ""}` : "";
    back.disabled = page === 0;
    on.disabled = (page + 1) * size >= total;
    pager.hidden = total <= size;
    bar.hidden = !model.get("searchable");
  }

  function drawRow(cells) {
    const key = cells[0], places = order();
    const row = make("tr", { "aria-current": String(key === model.get("selected")) });
    for (const place of places) {
      const value = cells[place];
      const td = make("td", { title: value });
      if (place === places[0] && model.get("selectable")) {
        const button = make("button", { type: "button", className: "aims-link", textContent: value, "aria-label": `Open ${key}` });
        button.addEventListener("click", () => choose(key));
        td.append(button);
      } else td.textContent = value;
      row.append(td);
    }
    return row;
  }

  function choose(value) {
    // Choosing the same row again must be seen too, so the choice is cleared first.
    if (model.get("selected") === value) set({ selected: "" });
    set({ selected: value });
  }

  const all = () => { drawHead(); drawBody(); };
  const names = ["rows", "columns", "total", "more", "selected", "searchable", "sort", "descending"];
  for (const name of names) model.on(`change:${name}`, all);
  all();
  return () => { clearTimeout(waiting); for (const name of names) model.off(`change:${name}`, all); };
}

export default { render };
