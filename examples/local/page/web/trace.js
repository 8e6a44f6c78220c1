// One trace.
import {useEffect, useState} from "preact/hooks";
import {html} from "./html.js";
import {Parts} from "./charts.js";
import {bytes, clock, count, duration, outcomes} from "./format.js";
import {copy} from "./facts.js";
import {build} from "./model.js";
import {Panel} from "./panel.js";
import {Spans} from "./spans.js";
import {Timeline} from "./timeline.js";

// Trace shows the trace of what /api/trace/ answers, and the spans it was made of. A
// saved file has no server and leaves out what needs one.
export function Trace({answer, spans = [], saved}) {
  const trace = build(answer.id, answer.segments);
  const [selected, setSelected] = useState(decodeURIComponent(location.hash.slice(1)) || null);
  useEffect(() => {
    const follow = () => setSelected(decodeURIComponent(location.hash.slice(1)) || null);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const select = (id) => {
    history.replaceState(null, "", id ? `#${encodeURIComponent(id)}` : location.pathname + location.search);
    setSelected(id);
  };
  const node = trace.nodes.get(selected);
  return html`<section class="trace">
    <${Heading} trace=${trace} answer=${answer} saved=${saved} />
    ${answer.response > 0 && html`<${Parts} parts=${answer.parts} total=${answer.response} label="Where the time of the response went:" />`}
    <div class=${node ? "trace-body with-panel" : "trace-body"}>
      <${Timeline} trace=${trace} selected=${selected} onSelect=${select} />
      ${node && html`<${Panel} node=${node} trace=${trace} span=${spans.find((s) => s.id === node.doc.id)} onSelect=${select} onClose=${() => select(null)} />`}
    </div>
    ${spans.length > 0 && html`<${Spans} spans=${spans} trace=${trace} />`}
    <${Documents} raw=${answer.raw} />
  </section>`;
}

function Heading({trace, answer, saved}) {
  const address = encodeURIComponent(trace.id);
  return html`<header class="trace-head">
    <h1>Trace <code>${trace.id}</code></h1>
    <p>
      <span class=${`status-${answer.outcome}`}>${outcomes[answer.outcome].glyph} ${answer.status || outcomes[answer.outcome].text}</span>
      <b> ${duration(answer.response)}</b>
      <span class="quiet"> ${duration(answer.duration)} from first to last, ${count(answer.documents, "document")}, ${bytes(answer.bytes)}</span>
      ${answer.run > 0 && html` <span class="quiet">run ${answer.run} of the function</span>`}
      ${answer.exceeded && html` <span class="status-error">! more documents than are kept of one trace</span>`}
    </p>
    <${Links} text="linked from here" links=${answer.upstream} saved=${saved} />
    <${Links} text="linked to here" links=${answer.downstream} saved=${saved} />
    ${!saved && html`<p class="actions">
      <button onClick=${() => copy(JSON.stringify(answer.segments, null, 2))}>Copy JSON</button>
      <a class="button" href=${`/trace/${address}.html`} download=${`trace-${trace.id}.html`}>Save as HTML</a>
      <a class="button" href=${`/traces?compare=${address}`}>Compare with…</a>
    </p>`}
  </header>`;
}

function Links({text, links, saved}) {
  if (links.length === 0) return null;
  return html`<p>${text}: ${links.map((l) => html`<span key=${l.trace + l.segment}> ${l.node && !saved ? html`<a href=${`/trace/${encodeURIComponent(l.trace)}`}>${l.trace}</a>` : l.trace}</span>`)}</p>`;
}

// Documents are the trace's documents as they were sent, and what X-Ray would object
// to in them.
function Documents({raw}) {
  const broken = raw.flatMap((r) => r.violations);
  return html`<details class=${broken.length > 0 ? "documents broken" : "documents"}>
    <summary>Documents as sent (${raw.length})${broken.length > 0 && html` <span class="status-error">⚠ X-Ray would object to ${count(broken.length, "part")}</span>`}</summary>
    ${raw.map((r, i) => html`<section key=${i}><h3>${clock(r.time)} ${r.source}, ${bytes(new TextEncoder().encode(r.text).length)} <button onClick=${() => copy(r.text)}>Copy</button></h3>
      ${r.violations.length > 0 && html`<ul>${r.violations.map((v, j) => html`<li key=${j}>${v.path && html`<code>${v.path}</code> `}${v.rule}${v.code && html` <b>${v.code}</b>`}</li>`)}</ul>`}
      <pre>${pretty(r.text)}</pre></section>`)}
  </details>`;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
