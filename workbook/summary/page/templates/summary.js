"use strict";
for (const form of document.querySelectorAll("form.filter")) {
  const table = document.getElementById(form.dataset.for);
  const body = table.tBodies[0];
  const fields = [...form.querySelectorAll("[data-by]")];
  const output = form.querySelector("output");
  const filter = () => {
    let shown = 0;
    for (const row of body.rows) {
      row.hidden = !fields.every((field) => {
        const wanted = field.value.trim().toLowerCase();
        if (!wanted) return true;
        return field.tagName === "SELECT"
          ? row.dataset[field.dataset.by] === field.value
          : row.textContent.toLowerCase().includes(wanted);
      });
      if (!row.hidden) shown += 1;
    }
    output.value = shown + " / " + body.rows.length;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();

  const order = new Intl.Collator("zh-CN", { numeric: true });
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].textContent;
      const rows = [...body.rows].sort((a, b) => (down ? -1 : 1) * order.compare(key(a), key(b)));
      body.append(...rows);
    });
  });
}
