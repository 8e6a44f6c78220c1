// The spans of a trace as they came by OTLP, beside the documents they became.
import {html} from "./html.js";
import {copy, Table} from "./facts.js";

const kinds = ["", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const codes = ["", "OK", "Error"];

// SpanFacts is what a span says, in the order of OTLP; the resource is that of its
// process.
export function SpanFacts({span: {span, resource, scope}}) {
  const status = span.status ?? {};
  return html`<${Table} rows=${[
    ["Name", span.name],
    ["Kind", kinds[span.kind] ?? String(span.kind)],
    ["Status", [codes[status.code] ?? status.code, status.message].filter(Boolean).join(": ")],
    ["Parent", span.parentSpanId],
    ["State", span.traceState],
    ...attributes(span.attributes),
    ...(span.events ?? []).flatMap((e, i) => [[`event ${i + 1}`, e.name], ...attributes(e.attributes, `event ${i + 1} `)]),
    ...(span.links ?? []).flatMap((l, i) => [[`link ${i + 1}`, `${l.traceId} ${l.spanId}`], ...attributes(l.attributes, `link ${i + 1} `)]),
    ["Scope", [scope?.name, scope?.version].filter(Boolean).join(" ")],
    ...attributes(resource?.attributes, "resource "),
  ]} />`;
}

function attributes(list, before = "") {
  return (list ?? []).map(({key, value}) => [before + key, text(plain(value ?? {}))]);
}

// plain is an AnyValue as JSON has it.
function plain(value) {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plain);
  if (value.kvlistValue) return Object.fromEntries((value.kvlistValue.values ?? []).map(({key, value: v}) => [key, plain(v ?? {})]));
  return value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? value.bytesValue ?? null;
}

function text(value) {
  return value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
}

// Spans shows each span beside the document that it became, then the documents that no
// span became.
export function Spans({spans, trace}) {
  const known = new Set(spans.map((s) => s.id));
  const others = [...trace.nodes.values()].filter((n) => !known.has(n.doc.id));
  return html`<details class="spans">
    <summary>Spans beside their documents (${spans.length})</summary>
    <p><a class="button" href=${`/mappings/${encodeURIComponent(trace.id)}`}>Map them with other settings…</a></p>
    ${spans.map((s) => html`<${Pair} key=${s.id} span=${s} doc=${trace.nodes.get(s.id)?.doc} />`)}
    ${others.map((n) => html`<${Pair} key=${n.doc.id} doc=${n.doc} />`)}
  </details>`;
}

function Pair({span, doc}) {
  return html`<section class="pair" data-span=${span?.id} data-document=${doc?.id}>
    <div><h3>${span ? span.span.name : "no span"}${span && html` <button onClick=${() => copy(JSON.stringify(span.span, null, 2))}>Copy</button>`}</h3>
      ${span ? html`<${SpanFacts} span=${span} />` : html`<p class="quiet">Lambda wrote it, or it came another way.</p>`}</div>
    <div><h3>${doc ? doc.name : "no document"} <small>${doc && (doc.type || doc.trace_id ? doc.origin || doc.type || "segment" : "subsegment")}</small></h3>
      ${doc ? html`<pre>${alone(doc)}</pre>` : html`<p class="quiet">It is part of another span's, or has not been mapped.</p>`}</div>
  </section>`;
}

// alone is a document without what is nested in it.
function alone({subsegments, ...doc}) {
  return JSON.stringify(subsegments ? {...doc, subsegments: `(${subsegments.length})`} : doc, null, 2);
}
