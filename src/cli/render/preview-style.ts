/** Colours hold at least 4.5:1 against their ground in both schemes. */
export const previewStyle = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1d1c1d; --quiet: #616061; --rule: #ddd; --link: #1264a3;
  --mention: #0b4c7a; --mention-ground: #e8f5fa; --failure: #b00020; }
@media (prefers-color-scheme: dark) { :root { --ground: #1a1d21; --ink: #e8e8e8; --quiet: #ababad; --rule: #3d4045;
  --link: #63b3ed; --mention: #9fd3f5; --mention-ground: #17384f; --failure: #ff8a9a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.47 Lato, "Segoe UI", system-ui, sans-serif; }
main { max-width: 920px; margin: 0 auto; padding: 16px; }
h1 { font-size: 22px; margin: 8px 0; }
h2 { font-size: 18px; margin: 24px 0 0; padding: 8px 0; border-bottom: 1px solid var(--rule); }
h3 { font-size: 18px; line-height: 1.3; margin: 4px 0; }
p, ul { margin: 4px 0; overflow-wrap: anywhere; }
a { color: var(--link); }
article { display: grid; grid-template-columns: 36px minmax(0, 1fr); gap: 0 10px; padding: 12px 0 4px; }
.avatar { width: 36px; height: 36px; border-radius: 6px; background: #3f0e40; color: #fff; display: grid; place-items: center; font-weight: 700; }
.app { font-size: 11px; background: var(--rule); border-radius: 3px; padding: 0 4px; }
.quiet { color: var(--quiet); font-size: 13px; }
.failure { color: var(--failure); }
.thread { border-left: 3px solid var(--rule); padding-left: 12px; margin-top: 6px; }
.fields { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px 16px; }
.mention { background: var(--mention-ground); color: var(--mention); border-radius: 4px; padding: 0 3px; font-weight: 600; }
.button { display: inline-block; border: 1px solid var(--quiet); border-radius: 6px; padding: 4px 12px; font-weight: 700; color: inherit; text-decoration: none; }
.scroll { overflow-x: auto; margin: 6px 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border: 1px solid var(--rule); padding: 4px 10px; text-align: left; vertical-align: top; }
.right { text-align: right; }
@media (max-width: 640px) { main { padding: 8px 12px; } .fields { grid-template-columns: 1fr; } }
`;
