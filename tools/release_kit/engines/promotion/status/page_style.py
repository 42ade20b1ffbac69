"""The page's style: one sheet for light and dark, for a phone, a wall and paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #f6f6f4; --card: #ffffff; --ink: #16191d; --soft: #565d67; --line: #dddcd6; --link: #1b4f91;
  --good: #176639; --wait: #835000; --bad: #b01f1a; --hand: #56409c; --go: #1b4f91; --idle: #565d67;
  --good-tint: #e7f2ea; --wait-tint: #f8efdd; --bad-tint: #fbe9e7; --hand-tint: #eeebf8; --go-tint: #e6eef8;
  --idle-tint: #eeeeeb; --box: #f1f1ee;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #121417; --card: #1a1d22; --ink: #e9eaec; --soft: #a2a9b4; --line: #30353d; --link: #8db9f5;
    --good: #7bd19b; --wait: #e6b65f; --bad: #ff998f; --hand: #bdabff; --go: #8db9f5; --idle: #a2a9b4;
    --good-tint: #1b2c23; --wait-tint: #30281a; --bad-tint: #382120; --hand-tint: #272339; --go-tint: #1c2839;
    --idle-tint: #24282e; --box: #23272d;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 120rem; padding: clamp(1rem, 2.4vw, 2.75rem); background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
bdi, h1, h3, code, .way { overflow-wrap: anywhere; }
code { font: .875em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: .06em; }
a:hover { text-decoration-thickness: .12em; }
:focus-visible { outline: .1875rem solid var(--link); outline-offset: .125rem; border-radius: .125rem; }
.soft, dt { color: var(--soft); font-size: .875rem; }
.drawings { position: absolute; width: 0; height: 0; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.sign { width: 1em; height: 1em; flex: none; fill: currentColor; }
.good { --tone: var(--good); --tint: var(--good-tint); }
.wait { --tone: var(--wait); --tint: var(--wait-tint); }
.bad, .back { --tone: var(--bad); --tint: var(--bad-tint); }
.hand { --tone: var(--hand); --tint: var(--hand-tint); }
.go { --tone: var(--go); --tint: var(--go-tint); }
.idle { --tone: var(--idle); --tint: var(--idle-tint); }

.top { display: flex; flex-wrap: wrap; align-items: center; gap: 1rem 2.5rem; padding-bottom: 1.75rem; }
.top h1 { font-size: clamp(1.75rem, 1.4rem + 1.2vw, 2.5rem); font-weight: 650; line-height: 1.2; }
.asof { margin-left: auto; }
.tally { display: flex; flex-wrap: wrap; gap: .5rem; }
.tally li, .badge {
  display: inline-flex; align-items: center; gap: .4em; padding: .2rem .65rem .2rem .5rem; border-radius: 1rem;
  background: var(--tint); color: var(--tone); font-size: .875rem; font-weight: 600; line-height: 1.4;
}
h2 { font-size: 1.125rem; font-weight: 650; margin-bottom: .875rem; }

.flow { display: grid; gap: 1.75rem 0; grid-template-columns: repeat(auto-fit, minmax(min(100%, 23.5rem), 1fr)); }
.step { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); }
.card {
  padding: 1rem 1.25rem 1.125rem; background: var(--card); border: 1px solid var(--line);
  border-top: .25rem solid var(--tone); border-radius: .5rem; display: flex; flex-direction: column; gap: .75rem;
}
.card > .since { margin-top: -.75rem; display: flex; flex-wrap: wrap; column-gap: .75rem; }
.name { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .25rem .75rem; }
.name h3 { font-size: 1.0625rem; font-weight: 600; }
.version {
  font-size: clamp(1.75rem, 1.5rem + .8vw, 2.375rem); font-weight: 650; letter-spacing: -.015em; line-height: 1.15;
}
.version.none { color: var(--soft); font-weight: 400; }
.facts { display: flex; flex-wrap: wrap; gap: .375rem .875rem; }
.mark, .waits li, .checks span, .way li { display: flex; gap: .45em; align-items: baseline; }
p .sign, li .sign, td .sign { position: relative; top: .125em; color: var(--tone); }
.mark { color: var(--tone); font-size: .9375rem; font-weight: 550; }
.upcoming { display: grid; gap: .375rem; padding: .75rem .875rem; border-radius: .375rem; background: var(--box); }
.waits { display: grid; gap: .375rem; font-size: .9375rem; line-height: 1.4; }
.waits .soft { display: block; }
.checks {
  display: grid; gap: .25rem; margin-top: auto; padding-top: .625rem; border-top: 1px solid var(--line);
  font-size: .9375rem;
}

.badge .sign, .tally .sign { position: static; }
.way { padding: 4.1rem .625rem 0; font-size: .875rem; line-height: 1.35; position: relative; }
.origin { position: absolute; inset: 1rem .625rem auto; color: var(--soft); }
.origin strong {
  display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  color: var(--ink); font-size: 1.0625rem; line-height: 1.2;
}
.arrow { height: 0; border-top: .125rem solid var(--tone); position: relative; margin-bottom: .75rem; }
.arrow::after {
  content: ""; position: absolute; right: -.25rem; top: -.4375rem; border: .375rem solid transparent;
  border-left: .625rem solid var(--tone); border-right: 0;
}
.wait .arrow, .hand .arrow { border-top-style: dashed; }
.bad .arrow, .back .arrow { border-top-style: dotted; }
.how { color: var(--soft); margin-bottom: .375rem; }
.way ul { display: grid; gap: .25rem; }

.tables { display: grid; gap: 2rem 3rem; margin-top: 2.5rem; }
@media (min-width: 96rem) { .tables { grid-template-columns: minmax(0, 4fr) minmax(0, 3fr); } }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; line-height: 1.4; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .375rem; }
th { text-align: left; font-weight: 600; }
th, td { padding: .5rem 1rem .5rem 0; vertical-align: baseline; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-size: .8125rem; padding-block: .375rem; border-bottom-width: .125rem; }
td .sign { margin-right: .4em; }
td[class], time { white-space: nowrap; }
td.move { min-width: 8.5rem; white-space: normal; }
td.by { min-width: 7rem; white-space: normal; }
td.good, td.wait, td.bad { color: var(--tone); }
.below { display: block; }
footer { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line); }

@media screen and (max-width: 47.99rem) {
  .step { grid-template-columns: minmax(0, 1fr); }
  .flow { gap: .375rem; }
  .asof { margin-left: 0; }
  .way {
    display: grid; grid-template-columns: 1.5rem minmax(0, 1fr); padding: .5rem 0 .625rem .75rem; min-height: 3.5rem;
  }
  .way > * { grid-column: 2; }
  .origin { position: static; padding-bottom: .375rem; }
  .origin strong { display: inline; font-size: inherit; white-space: normal; }
  .arrow {
    grid-area: 1 / 1 / span 4; width: 0; height: auto; margin: 0; border: 0; border-left: .125rem solid var(--tone);
  }
  .arrow::after {
    right: auto; top: auto; left: -.4375rem; bottom: -.25rem; border: .375rem solid transparent;
    border-top: .625rem solid var(--tone); border-bottom: 0;
  }
  .wait .arrow, .hand .arrow { border-left-style: dashed; }
  .bad .arrow, .back .arrow { border-left-style: dotted; }
  table, tbody, tr, td, tbody th, caption { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  td, tbody th { padding: .125rem 0; border: 0; }
  td { display: grid; grid-template-columns: 7rem minmax(0, 1fr); overflow-wrap: anywhere; }
  td.none { display: none; }
  td::before { content: attr(data-label); color: var(--soft); font-size: .875rem; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --card: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --link: #000000;
    --good: #14532d; --wait: #6b4200; --bad: #8f1713; --hand: #45337d; --go: #163f74; --idle: #444444;
    --good-tint: #ffffff; --wait-tint: #ffffff; --bad-tint: #ffffff; --hand-tint: #ffffff; --go-tint: #ffffff;
    --idle-tint: #ffffff; --box: #ffffff;
  }
  html { font-size: 11px; }
  body { padding: 0; }
  .step, tr { break-inside: avoid; }
  h2 { break-after: avoid; }
  .upcoming, .tally li, .badge { border: 1px solid var(--line); }
}
"""
