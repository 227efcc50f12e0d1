/** What the report does where scripts run: finding and sorting. It reads the table that is there, and fetches nothing. */
export const SCRIPT = `
(() => {
  const table = document.getElementById('copies');
  const search = document.getElementById('search');
  const found = document.getElementById('found');
  if (table === null || search === null || found === null) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    let shown = 0;
    for (const row of rows) {
      row.hidden = !words.every((word) => texts.get(row).includes(word));
      if (!row.hidden) shown += 1;
    }
    found.textContent = shown + ' of ' + rows.length;
  };
  const valueOf = (row, at) => {
    const cell = row.cells[at];
    return 'value' in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
  };
  const compare = (one, other) => (typeof one === 'number' ? one - other : one.localeCompare(other, undefined, { numeric: true }));
  const sort = (head) => {
    const down = head.getAttribute('aria-sort') === 'ascending';
    for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const at = head.cellIndex;
    rows.sort((one, other) => compare(valueOf(one, at), valueOf(other, at)) * (down ? -1 : 1));
    body.append(...rows);
  };
  for (const head of table.tHead.rows[0].cells) {
    if (!('sort' in head.dataset)) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    button.addEventListener('click', () => sort(head));
    head.replaceChildren(button);
  }
  search.addEventListener('input', filter);
  search.closest('.tools').hidden = false;
  filter();
})();
`;
