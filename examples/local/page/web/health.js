// Health: what X-Ray would object to, what was lost, and how much is kept.
import {html} from "./html.js";
import {bytes, clock, count} from "./format.js";

export function Health({answer: h}) {
  const {datagrams: d} = h;
  return html`<section class="health"><h1>Health</h1>
    <dl>
      <div><dt>Documents that arrived</dt><dd>${h.documents.toLocaleString("en")}</dd></div>
      <div><dt>Traces kept</dt><dd>${h.traces.toLocaleString("en")}, ${bytes(h.bytes)} of at most ${bytes(h.maxBytes)} <meter min="0" max=${h.maxBytes} value=${h.bytes}></meter></dd></div>
      <div class=${h.evicted > 0 ? "lost" : ""}><dt>Traces that had to go</dt><dd>${h.evicted}${h.late > 0 && html`, with ${count(h.late, "document")} that came later`}</dd></div>
      <div><dt>Datagrams</dt><dd>${d.received.toLocaleString("en")}</dd></div>
      <div class=${d.bad > 0 ? "lost" : ""}><dt>Datagrams without a document</dt><dd>${d.bad}</dd></div>
      <div class=${d.dropped > 0 ? "lost" : ""}><dt>Datagrams dropped, as the queue was full</dt><dd>${d.dropped}</dd></div>
      <div><dt>Kept in</dt><dd>${h.addresses.data || "memory, until this process ends"}</dd></div>
    </dl>
    <h2>What X-Ray would object to</h2>
    ${h.rules.length === 0 && html`<p>✓ Nothing: every document keeps to the rules.</p>`}
    ${h.rules.map((r) => html`<section key=${r.rule} class="rule"><h3>⚠ ${r.rule} <small>${r.code} ${count(r.count, "document")}</small></h3>
      <ul>${r.examples.map((e, i) => html`<li key=${i}><a href=${`/trace/${encodeURIComponent(e.trace)}#${encodeURIComponent(e.segment)}`}>${e.name || e.segment || e.trace}</a> ${e.path && html`<code>${e.path}</code> `}${e.rule}</li>`)}</ul></section>`)}
    ${h.broken.length > 0 && html`<h2>Not kept at all</h2>
      ${h.broken.map((b, i) => html`<details key=${i}><summary>${clock(b.time)} ${b.source}: ${b.reason} (${bytes(b.bytes)})</summary><pre>${b.text}</pre></details>`)}`}
  </section>`;
}
