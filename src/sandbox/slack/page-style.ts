/** Colours hold at least 4.5:1 against their ground in both schemes. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #fff; --text: #1d1c1d; --quiet: #616061; --line: #dddddd;
  --side: #3f0e40; --side-text: #f3e9f3; --link: #1264a3; --pill: #e8f5fa; --pill-text: #0b4c7a; --code: #c01343; --wash: #f8f8f8; }
@media (prefers-color-scheme: dark) { :root { --ground: #1a1d21; --text: #e8e8e8; --quiet: #ababad; --line: #3d4045;
  --side: #19171d; --side-text: #d1d2d3; --link: #63b3ed; --pill: #17384f; --pill-text: #9fd3f5; --code: #ff9db1; --wash: #222529; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.47 Lato, "Segoe UI", system-ui, sans-serif; }
.page { display: grid; grid-template-columns: 230px minmax(0, 1fr); min-height: 100vh; }
header.side { background: var(--side); color: var(--side-text); padding: 16px; }
.side h1 { font-size: 18px; margin: 0 0 12px; }
.side ul { list-style: none; margin: 0; padding: 0; position: sticky; top: 12px; }
.side a { color: inherit; display: flex; justify-content: space-between; padding: 4px 8px; border-radius: 6px; text-decoration: none; }
.side a:hover, .side a:focus-visible { background: rgb(255 255 255 / 15%); }
main { padding: 0 24px 48px; min-width: 0; }
h2 { font-size: 18px; margin: 0 -24px; padding: 12px 24px; border-bottom: 1px solid var(--line); position: sticky; top: 0; background: var(--ground); }
h3 { font-size: 15px; margin: 0; display: inline; }
h4 { font-size: 18px; line-height: 1.3; margin: 4px 0; }
article { display: grid; grid-template-columns: 36px minmax(0, 1fr); gap: 0 10px; padding: 12px 0 4px; }
article article { margin-left: 0; }
.thread { border-left: 3px solid var(--line); padding-left: 12px; margin-top: 6px; }
.avatar { width: 36px; height: 36px; border-radius: 6px; background: var(--side); color: #fff; display: grid; place-items: center; font-weight: 700; }
.app { font-size: 11px; background: var(--line); color: var(--text); border-radius: 3px; padding: 0 4px; margin: 0 4px; }
time, .quiet, .context, .empty { color: var(--quiet); font-size: 13px; }
p { margin: 4px 0; overflow-wrap: anywhere; }
.fields { list-style: none; padding: 0; margin: 6px 0; display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px 16px; overflow-wrap: anywhere; }
.pill { background: var(--pill); color: var(--pill-text); border-radius: 4px; padding: 0 3px; font-weight: 600; }
.button { display: inline-block; border: 1px solid var(--quiet); border-radius: 6px; padding: 4px 12px; font-weight: 700; }
.button a { color: inherit; text-decoration: none; }
main a { color: var(--link); }
code, pre { font: 12px/1.5 ui-monospace, Menlo, Consolas, monospace; background: var(--wash); border: 1px solid var(--line); border-radius: 4px; color: var(--code); padding: 1px 3px; }
pre { padding: 8px; white-space: pre-wrap; color: inherit; }
blockquote { margin: 4px 0; border-left: 4px solid var(--line); padding-left: 12px; }
hr { border: 0; border-top: 1px solid var(--line); margin: 10px 0; }
.scroll { overflow-x: auto; margin: 6px 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border: 1px solid var(--line); padding: 4px 10px; text-align: left; vertical-align: top; }
th { background: var(--wash); } .right { text-align: right; } .center { text-align: center; }
@media (max-width: 640px) { .page { display: block; } main { padding: 0 12px 32px; } h2 { margin: 0 -12px; padding: 12px; }
  .side ul { display: flex; flex-wrap: wrap; gap: 4px; position: static; } .fields { grid-template-columns: 1fr; } }
`;
