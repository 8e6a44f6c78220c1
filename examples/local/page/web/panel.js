// What one segment or subsegment holds.
import {useState} from "preact/hooks";
import {html} from "./html.js";
import {clock, duration, outcome, outcomes} from "./format.js";
import {copy, flat, Table} from "./facts.js";
import {SpanFacts} from "./spans.js";

const tabs = {
  Overview, Resources, Annotations, Metadata, Exceptions, SQL, Span, Raw,
};

// has tells which tabs a document fills.
const has = {
  Overview: () => true,
  Resources: (d) => d.aws || d.resource_arn || d.origin,
  Annotations: (d) => d.annotations && Object.keys(d.annotations).length > 0,
  Metadata: (d) => d.metadata && Object.keys(d.metadata).length > 0,
  Exceptions: (d) => d.cause,
  SQL: (d) => d.sql,
  Span: (d, span) => span,
  Raw: () => true,
};

// Panel shows the document of a node, and the span that it was if that is known. Tabs
// without content are left out.
export function Panel({node, trace, span, onSelect, onClose}) {
  const [chosen, choose] = useState("Overview");
  const {doc} = node;
  const shown = Object.keys(tabs).filter((name) => has[name](doc, span));
  const tab = shown.includes(chosen) ? chosen : "Overview";
  const onKeyDown = (e) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[e.key];
    if (!step) return;
    const next = shown[(shown.indexOf(tab) + step + shown.length) % shown.length];
    choose(next);
    e.currentTarget.querySelector(`[data-tab="${next}"]`)?.focus();
    e.preventDefault();
  };
  return html`<aside class="panel" aria-label=${`Details of ${doc.name}`}>
    <header><h2>${doc.name}</h2><button onClick=${onClose} aria-label="Close the details">×</button></header>
    <div class="tabs" role="tablist" onKeyDown=${onKeyDown}>
      ${shown.map((name) => html`<button key=${name} role="tab" data-tab=${name} aria-selected=${name === tab} tabindex=${name === tab ? 0 : -1} onClick=${() => choose(name)}>${name}</button>`)}
    </div>
    <div class="tab" role="tabpanel" aria-label=${tab}>${tabs[tab]({doc, node, trace, span, onSelect})}</div>
  </aside>`;
}

function Overview({doc, node, trace}) {
  const result = outcome(doc);
  const {request = {}, response = {}} = doc.http ?? {};
  return html`<${Table} rows=${[
    ["Outcome", html`<span class=${`status-${result}`}>${outcomes[result].glyph}</span> ${outcomes[result].text}`],
    ["Kind", doc.namespace === "aws" ? "call of an AWS service" : doc.namespace === "remote" ? "call of another service" : node.parent ? "subsegment" : "segment"],
    ["Type", node.type],
    ["Starts", `${clock(node.start)}, ${duration(node.start - trace.start)} after the trace began`],
    ["Takes", doc.in_progress ? "still in progress" : duration(node.end - node.start)],
    ["Request", [request.method, request.url].filter(Boolean).join(" ")],
    ["Response", [response.status, response.content_length !== undefined && `${response.content_length} bytes`].filter(Boolean).join(", ")],
    ["Client", request.client_ip],
    ["User agent", request.user_agent],
    ["User", doc.user],
    ["Version", doc.service?.version],
    ["Service", [doc.service?.runtime, doc.service?.runtime_version].filter(Boolean).join(" ")],
    ["Links", doc.links?.length ? html`<ul>${doc.links.map((l) => html`<li key=${l.id}><a href=${`/trace/${encodeURIComponent(l.trace_id)}`}>${l.trace_id}</a></li>`)}</ul>` : undefined],
    ["Id", doc.id],
    ["Parent", doc.parent_id ?? node.parent?.doc.id],
  ]} />`;
}

function Resources({doc}) {
  return html`<${Table} rows=${[["Origin", doc.origin], ["Resource ARN", doc.resource_arn], ...flat(doc.aws ?? {})]} />`;
}

function Annotations({doc}) {
  return html`<${Table} rows=${Object.entries(doc.annotations).map(([k, v]) => [k, String(v)])} />`;
}

function Metadata({doc}) {
  return Object.entries(doc.metadata).map(([namespace, values]) => html`<section key=${namespace}><h3>${namespace}</h3>
    <pre>${JSON.stringify(values, null, 2)}</pre></section>`);
}

function Exceptions({doc, trace, onSelect}) {
  const {cause} = doc;
  if (typeof cause === "string") {
    const recorded = [...trace.nodes.values()].find((n) => n.doc.cause?.exceptions?.some((e) => e.id === cause));
    return html`<p>Recorded in ${recorded ? html`<button class="link" onClick=${() => onSelect(recorded.doc.id)}>${recorded.doc.name}</button>` : cause}</p>`;
  }
  return html`${cause.working_directory && html`<p class="quiet">${cause.working_directory}</p>`}
    ${(cause.exceptions ?? []).map((e, i) => html`<section key=${e.id ?? i} class="exception">
      <h3>${e.type ?? "exception"}${e.remote && html` <small>remote</small>`}</h3>
      <p>${e.message}</p>
      ${e.stack && html`<ol>${e.stack.map((f, j) => html`<li key=${j}><code>${f.label}</code> <span class="quiet">${f.path}${f.line === undefined ? "" : `:${f.line}`}</span></li>`)}</ol>`}
      ${e.truncated > 0 && html`<p class="quiet">${e.truncated} frames more</p>`}
      ${e.cause && html`<p class="quiet">caused by ${nameOf(cause, e.cause)}</p>`}
    </section>`)}`;
}

function nameOf(cause, id) {
  const found = cause.exceptions.find((e) => e.id === id);
  return found ? (found.type ?? id) : id;
}

function SQL({doc}) {
  const {sanitized_query: query, ...rest} = doc.sql;
  return html`${query && html`<pre>${query}</pre>`}<${Table} rows=${flat(rest)} />`;
}

function Span({span}) {
  return html`<${SpanFacts} span=${span} />`;
}

function Raw({doc}) {
  return html`<button onClick=${() => copy(JSON.stringify(doc, null, 2))}>Copy</button><pre>${JSON.stringify(doc, null, 2)}</pre>`;
}
