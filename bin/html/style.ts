/** How the report looks: one column, light or dark as its reader has it, cards instead of a table where it is narrow. */
export const STYLE = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --line: #dfe3e8; --text: #1b2430; --soft: #5b6675;
  --failed: #b3261e; --stale: #9a5b00; --waiting: #1f5fbf; --fresh: #1b7a43; --idle: #6b7480; --bar: #4c7fd6;
  --failed-soft: #fbe9e7; --stale-soft: #fdf1dc; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1a2029; --line: #2c3542; --text: #e6eaf0;
  --soft: #9aa6b5; --failed: #ff8a80; --stale: #f0b35a; --waiting: #84b4ff; --fresh: #6fd39a; --idle: #93a0b0;
  --bar: #6c9bf0; --failed-soft: #35201f; --stale-soft: #33291a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, "Helvetica Neue", Arial, sans-serif; }
main, header, footer { max-width: 1240px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 28px; padding-bottom: 4px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 0 0 12px; }
p { margin: 0; overflow-wrap: anywhere; } .soft { color: var(--soft); } code { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 18px 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 12px; margin: 18px 0; padding: 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.figures dt { color: var(--soft); font-size: 13px; } .figures dd { margin: 0; font-size: 26px; line-height: 1.3; font-weight: 600;
  font-variant-numeric: tabular-nums; } .figures .none { color: var(--soft); font-weight: 400; }
.banner { border-color: var(--failed); background: var(--failed-soft); }
.failed { --of: var(--failed); } .stale { --of: var(--stale); } .waiting { --of: var(--waiting); }
.fresh { --of: var(--fresh); } .idle { --of: var(--idle); }
.state { color: var(--of); font-weight: 600; white-space: nowrap; }
.state::before { content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 50%; background: var(--of);
  margin-right: 7px; } .failed .state::before { border-radius: 1px; } .stale .state::before { border-radius: 2px 50% 50% 2px; }
.idle .state::before { background: none; border: 2px solid var(--of); }
dd.count { color: var(--of); }
.troubles { list-style: none; margin: 0; padding: 0; }
.troubles li { border-left: 4px solid var(--of); padding: 2px 0 2px 14px; margin: 0 0 14px; } .troubles li:last-child { margin: 0; }
time { white-space: nowrap; } .name { overflow-wrap: anywhere; } .to { color: var(--soft); overflow-wrap: anywhere; }
.where { margin: -6px 0 12px; }
.tools { display: flex; flex-wrap: wrap; gap: 10px 14px; align-items: center; margin: 0 0 12px; } [hidden] { display: none !important; }
input[type=search] { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: 8px;
  padding: 7px 12px; width: min(420px, 100%); }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: 8px 14px 8px 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: 13px; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; } .number { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.number, th.number { text-align: right; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
th button:hover, th[aria-sort] button { color: var(--text); text-decoration: underline; text-underline-offset: 3px; }
th[aria-sort=ascending] button::after { content: " \\2191"; } th[aria-sort=descending] button::after { content: " \\2193"; }
:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
.timeline { display: block; width: 190px; height: 20px; } .axis { stroke: var(--line); stroke-width: 1; }
.behind { fill: var(--stale); opacity: .85; } .failed .behind { fill: var(--failed); } .mirrored { fill: var(--fresh); }
.checked { stroke: var(--text); stroke-width: 2; }
.key { display: flex; flex-wrap: wrap; gap: 4px 20px; color: var(--soft); font-size: 13px; margin: 12px 0 0; }
.key svg { width: 14px; height: 14px; vertical-align: -2px; margin-right: 5px; }
.bars { list-style: none; margin: 0; padding: 0; } .bars li { display: grid; grid-template-columns: minmax(0, 1fr) 84px;
  column-gap: 12px; align-items: center; margin: 0 0 10px; max-width: 900px; } .bars .name { grid-column: 1 / 3; font-size: 14px; }
.bars svg { display: block; width: 100%; height: 12px; background: var(--page); border-radius: 3px; } .bars rect { fill: var(--bar); }
footer { max-width: 1240px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 28px; padding-bottom: 4px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 0 0 12px; }
p { margin: 0; overflow-wrap: anywhere; } .soft { color: var(--soft); } code { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 18px 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 12px; margin: 18px 0; padding: 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.figures dt { color: var(--soft); font-size: 13px; } .figures dd { margin: 0; font-size: 26px; line-height: 1.3; font-weight: 600;
  font-variant-numeric: tabular-nums; } .figures .none { color: var(--soft); font-weight: 400; }
.banner { border-color: var(--failed); background: var(--failed-soft); }
.failed { --of: var(--failed); } .stale { --of: var(--stale); } .waiting { --of: var(--waiting); }
.fresh { --of: var(--fresh); } .idle { --of: var(--idle); }
.state { color: var(--of); font-weight: 600; white-space: nowrap; }
.state::before { content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 50%; background: var(--of);
  margin-right: 7px; } .failed .state::before { border-radius: 1px; } .stale .state::before { border-radius: 2px 50% 50% 2px; }
.idle .state::before { background: none; border: 2px solid var(--of); }
dd.count { color: var(--of); }
.troubles { list-style: none; margin: 0; padding: 0; }
.troubles li { border-left: 4px solid var(--of); padding: 2px 0 2px 14px; margin: 0 0 14px; } .troubles li:last-child { margin: 0; }
.name { overflow-wrap: anywhere; } .to { color: var(--soft); overflow-wrap: anywhere; }
.where { margin: -6px 0 12px; }
.tools { display: flex; flex-wrap: wrap; gap: 10px 14px; align-items: center; margin: 0 0 12px; } [hidden] { display: none !important; }
input[type=search] { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: 8px;
  padding: 7px 12px; width: min(420px, 100%); }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: 8px 14px 8px 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: 13px; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; } .number { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.number, th.number { text-align: right; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
th button:hover, th[aria-sort] button { color: var(--text); text-decoration: underline; text-underline-offset: 3px; }
th[aria-sort=ascending] button::after { content: " \\2191"; } th[aria-sort=descending] button::after { content: " \\2193"; }
:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
.timeline { display: block; width: 190px; height: 20px; } .axis { stroke: var(--line); stroke-width: 1; }
.behind { fill: var(--stale); opacity: .85; } .failed .behind { fill: var(--failed); } .mirrored { fill: var(--fresh); }
.checked { stroke: var(--text); stroke-width: 2; }
.key { display: flex; flex-wrap: wrap; gap: 4px 20px; color: var(--soft); font-size: 13px; margin: 12px 0 0; }
.key svg { width: 14px; height: 14px; vertical-align: -2px; margin-right: 5px; }
.bars { display: block; width: 100%; height: auto; max-width: 900px; } .bars text { fill: var(--text); font-size: 13px; }
.bars .value { fill: var(--soft); } .bars rect { fill: var(--bar); }
footer { color: var(--soft); font-size: 13px; padding-bottom: 32px; }
@media (max-width: 760px) { main, header, footer { padding-left: 14px; padding-right: 14px; } section { padding: 14px; }
  table, tbody, tr, td { display: block; } thead { display: none; } tr { border-top: 1px solid var(--line); padding: 10px 0; }
  td, td.number { overflow-wrap: anywhere; border: 0; padding: 1px 0; text-align: left; } td[data-label] { display: inline-block; margin-right: 14px; }
  td[data-label]::before { content: attr(data-label) " "; color: var(--soft); } td.name { display: block; }
  .timeline { width: 100%; margin: 4px 0; } }
@media print { body { background: none; } .tools { display: none; } section { break-inside: avoid-page; } }
`;
