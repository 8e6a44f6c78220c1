// The list of traces.
import {useEffect, useLayoutEffect} from "preact/hooks";
import {html} from "./html.js";
import {change, go} from "./address.js";
import {useCurrent} from "./current.js";
import {clock, count, duration, outcomes} from "./format.js";

// columns by the names that /api/traces sorts by.
const columns = [
  {key: "outcome", title: "Status"},
  {key: "start", title: "Start"},
  {key: "response", title: "Response"},
  {key: "duration", title: "Duration"},
  {key: "name", title: "Name"},
  {key: "method", title: "Method"},
  {key: "url", title: "URL"},
  {key: "cold", title: "Cold"},
];

// TraceList shows the traces that /api/traces answered. j and k walk through it, Enter opens, c compares.
export function TraceList({answer, query, onMore}) {
  const {traces, total} = answer;
  const [at, setAt] = useCurrent(0);
  const compare = query.get("compare");
  const shown = (query.get("columns") ?? "").split(",").filter(Boolean);
  const keys = annotationKeys(traces);
  const runs = traces.some((t) => t.run > 0);
  const byStart = /^-?start$/.test(query.get("sort") ?? "-start");
  useLayoutEffect(() => { // as soon as the list is seen
    const onKeyDown = (e) => {
      if (e.target.closest?.("input, select, textarea, button") || e.metaKey || e.ctrlKey || e.altKey) return;
      const trace = traces[Math.min(at.current, traces.length - 1)];
      switch (e.key) {
        case "j": case "ArrowDown": setAt(Math.max(0, Math.min(at.current + 1, traces.length - 1))); break;
        case "k": case "ArrowUp": setAt(Math.max(at.current - 1, 0)); break;
        case "Enter": if (trace) open(trace.id, compare); break;
        case "c": if (trace) mark(trace.id, compare); break;
        case "Escape": if (compare) change({compare: null}); else return; break;
        default: return;
      }
      e.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [traces, compare]);
  useEffect(() => document.querySelector(".traces .row-at")?.scrollIntoView({block: "nearest"}), [at.current]);
  return html`<section class="traces">
    ${compare && html`<p class="notice">Choose the trace to compare with <code>${compare}</code>. <button onClick=${() => change({compare: null})}>Cancel</button></p>`}
    <div class="table-scroll"><table>
      <caption>${count(total, "trace")}${keys.length > 0 && html` · <${Columns} keys=${keys} shown=${shown} />`}</caption>
      <thead><tr>
        ${columns.map((c) => html`<${Head} key=${c.key} column=${c} query=${query} />`)}
        ${shown.map((k) => html`<th key=${k} scope="col">${k}</th>`)}
        ${runs && html`<th scope="col">Run</th>`}
        <th scope="col">Trace</th>
      </tr></thead>
      <tbody>${traces.map((t, i) => html`<${Row} key=${t.id} trace=${t} shown=${shown} runs=${runs} first=${byStart && i > 0 && traces[i - 1].run !== t.run} current=${i === at.current} compare=${compare} />`)}</tbody>
    </table></div>
    ${traces.length === 0 && html`<p class="quiet">No trace matches.</p>`}
    ${answer.next && html`<p><button class="more" onClick=${onMore}>More of ${count(total, "trace")}</button></p>`}
    <p class="keys quiet"><kbd>j</kbd> <kbd>k</kbd> move, <kbd>Enter</kbd> opens, <kbd>c</kbd> compares, <kbd>/</kbd> filters</p>
  </section>`;
}

function open(id, compare) {
  go(compare && compare !== id ? `/compare/${encodeURIComponent(compare)}/${encodeURIComponent(id)}` : `/trace/${encodeURIComponent(id)}`);
}

function mark(id, compare) {
  if (compare) open(id, compare);
  else change({compare: id});
}

function annotationKeys(traces) {
  return [...new Set(traces.flatMap((t) => Object.keys(t.annotations)))].sort();
}

function Columns({keys, shown}) {
  const toggle = (key) => change({columns: (shown.includes(key) ? shown.filter((k) => k !== key) : [...shown, key]).join(",")});
  return html`<details class="columns"><summary>annotations</summary>
    ${keys.map((k) => html`<label key=${k}><input type="checkbox" checked=${shown.includes(k)} onChange=${() => toggle(k)} /> ${k}</label>`)}</details>`;
}

function Head({column, query}) {
  const sort = query.get("sort") ?? "-start";
  const order = sort.startsWith("-") ? "descending" : "ascending";
  const sorted = sort.replace(/^-/, "") === column.key;
  const next = sorted && order === "descending" ? column.key : `-${column.key}`;
  return html`<th scope="col" aria-sort=${sorted ? order : "none"}><button onClick=${() => change({sort: next})}>${column.title}${sorted ? (order === "descending" ? " ▼" : " ▲") : ""}</button></th>`;
}

// A row that is first of its run has a line above it.
function Row({trace, shown, runs, first, current, compare}) {
  const {glyph, text} = outcomes[trace.outcome];
  const href = compare && compare !== trace.id ? `/compare/${encodeURIComponent(compare)}/${encodeURIComponent(trace.id)}` : `/trace/${encodeURIComponent(trace.id)}`;
  return html`<tr class=${`${current ? "row-at" : ""} ${first ? "row-run" : ""} ${trace.id === compare ? "row-compare" : ""}`} data-id=${trace.id} onClick=${(e) => e.target.closest("a") || go(href)}>
    <td class=${`status-${trace.outcome}`} title=${text}>${glyph} ${trace.status || ""}${trace.partial && trace.outcome !== "pending" ? " …" : ""}</td>
    <td>${clock(trace.start)}</td>
    <td class="number">${duration(trace.response)}</td>
    <td class="number">${duration(trace.duration)}</td>
    <td>${trace.name}</td>
    <td>${trace.method}</td>
    <td class="url" title=${trace.url}>${trace.url}</td>
    <td>${trace.cold ? `❄ ${duration(trace.init)}` : ""}</td>
    ${shown.map((k) => html`<td key=${k}>${(trace.annotations[k] ?? []).join(", ")}</td>`)}
    ${runs && html`<td class="number">${trace.run}</td>`}
    <td><a href=${href}><code>${trace.id}</code></a>${trace.violations > 0 && html` <span class="status-error" title="X-Ray would object to parts of it">⚠</span>`}</td>
  </tr>`;
}
