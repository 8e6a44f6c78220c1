// The service map.
import {useEffect, useState} from "preact/hooks";
import {html} from "./html.js";
import {useGet} from "./api.js";
import {average, Histogram, Ring, shares, Sparkline, summarize} from "./charts.js";
import {count, duration, outcomes, percent} from "./format.js";
import {cell, layout} from "./layout.js";

const radius = 34; // px
const many = 60; // nodes, from which on the layout leaves the page's thread

// usePlaces lays out the map anew only when its nodes or edges change.
function usePlaces(graph) {
  const nodes = graph.nodes.map((n) => ({key: n.id}));
  const edges = graph.edges.map(({from, to, link}) => ({from, to, link}));
  const shape = JSON.stringify([nodes.map((n) => n.key).sort(), edges.map((e) => `${e.from}\n${e.to}`).sort()]);
  const [places, setPlaces] = useState(null);
  useEffect(() => {
    if (nodes.length <= many || typeof Worker === "undefined") {
      setPlaces({shape, ...layout(nodes, edges)});
      return undefined;
    }
    const worker = startWorker();
    worker.onmessage = ({data}) => setPlaces({shape, ...data});
    worker.postMessage({nodes, edges});
    return () => worker.terminate();
  }, [shape]);
  return places?.shape === shape ? places : null;
}

// startWorker gives the one address that the policy lets through.
function startWorker() {
  const address = "/web/layout-worker.js";
  const policy = (startWorker.policy ??= globalThis.trustedTypes?.createPolicy("layout-worker", {
    createScriptURL: (url) => {
      if (url !== address) throw new TypeError(`not a worker of this page: ${url}`);
      return url;
    },
  }) ?? {createScriptURL: (url) => url});
  return new Worker(policy.createScriptURL(address), {type: "module"});
}

// ServiceMap draws a graph, as /api/graph answers it, and the statistics of what is
// chosen in it. open makes the address of a trace list with a filter; a saved file has
// none, as there is no server to ask.
export function ServiceMap({graph, query, reloads, open}) {
  const places = usePlaces(graph);
  const [selected, select] = useState(null);
  if (!places) return html`<p class="quiet">Drawing ${count(graph.nodes.length, "node")}…</p>`;
  const node = graph.nodes.find((n) => n.id === selected);
  const edge = graph.edges.find((e) => edgeKey(e) === selected);
  const names = new Map(graph.nodes.map((n) => [n.id, n]));
  const close = () => select(null);
  return html`<section class="map">
    <div class="map-scroll">
      <svg class="map-svg" width=${places.width + cell.width} height=${places.height + 40} viewBox=${`${-cell.width / 2} -20 ${places.width + cell.width} ${places.height + 40}`} role="group" aria-label=${`Service map of ${count(graph.nodes.length, "node")}`}>
        <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" /></marker></defs>
        ${graph.edges.map((e) => html`<${Edge} key=${edgeKey(e)} edge=${e} names=${names} places=${places.places} selected=${edgeKey(e) === selected} onSelect=${() => select(edgeKey(e))} />`)}
        ${graph.nodes.map((n) => html`<${Node} key=${n.id} node=${n} at=${places.places[n.id]} selected=${n.id === selected} onSelect=${() => select(n.id)} />`)}
      </svg>
    </div>
    ${node && html`<${NodeStatistics} node=${node} query=${query} reloads=${reloads} open=${open} onClose=${close} />`}
    ${edge && html`<${EdgeStatistics} edge=${edge} names=${names} open=${open} onClose=${close} />`}
  </section>`;
}

function edgeKey({from, to, link}) {
  return `${from}\n${to}\n${link}`;
}

// pressing makes an SVG group a button.
function pressing(onSelect) {
  return {
    role: "button",
    tabindex: 0,
    onClick: onSelect,
    onKeyDown: (e) => {
      if (e.key !== "Enter" && e.key !== " ") return;
      e.preventDefault();
      onSelect();
    },
  };
}

function Node({node, at, selected, onSelect}) {
  const {name, type, stats} = node;
  const client = type === "client";
  const rate = (stats.total / Math.max(60, node.end - node.start)) * 60;
  return html`<g class=${`node ${selected ? "node-selected" : ""} ${client ? "node-client" : ""}`} transform=${`translate(${at.x},${at.y - 14})`} data-name=${name} data-type=${type}
      aria-label=${client ? `Clients of ${name}` : `${name}, ${type || "service"}: ${summarize(stats)}`} aria-pressed=${selected} ...${pressing(onSelect)}>
    <circle class="node-disc" r=${radius - 4} />
    ${!client && html`<${Ring} stats=${stats} radius=${radius} width="6" />`}
    ${client
      ? html`<text class="node-inside" y="4">Clients</text>`
      : html`<g><text class="node-inside" y="-1">${duration(average(stats))}</text>
        <text class="node-rate" y="13">${stats.total ? `${rate < 10 ? rate.toFixed(1).replace(".0", "") : Math.round(rate)}/min` : ""}</text>
        <text class="node-name" y=${radius + 18}>${short(name)}<title>${name}</title></text>
        <text class="node-type" y=${radius + 32}>${short(type, 26)}</text></g>`}
  </g>`;
}

function short(name, most = 22) {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

function Edge({edge, names, places, selected, onSelect}) {
  const [a, b] = [places[edge.from], places[edge.to]];
  if (!a || !b) return null;
  const label = `${title(edge, names)}: ${summarize(edge.stats)}`;
  const d = edge.from === edge.to ? loop(a) : curve(a, b);
  return html`<g class=${`edge ${edge.link ? "edge-link" : ""} ${selected ? "edge-selected" : ""}`} aria-label=${label} aria-pressed=${selected} ...${pressing(onSelect)}>
    <path class="edge-target" d=${d} /><path class="edge-line" d=${d} marker-end="url(#arrow)" />
  </g>`;
}

function title({from, to}, names) {
  const [a, b] = [names.get(from), names.get(to)];
  return `${a?.type === "client" ? "Clients" : a?.name} → ${b?.name}`;
}

// curve joins two nodes from circle to circle; the layout knows centres only.
function curve(a, b) {
  const [ay, by] = [a.y - 14, b.y - 14];
  const bend = Math.max(30, Math.abs(b.x - a.x) / 2);
  const forward = b.x > a.x;
  const gap = radius + 5;
  if (forward) return `M${a.x + gap} ${ay}C${a.x + gap + bend / 2} ${ay} ${b.x - gap - bend / 2} ${by} ${b.x - gap - 2} ${by}`;
  const over = Math.min(ay, by) - gap - Math.min(bend / 2, 70); // back, above the nodes: their names stand below them
  return `M${a.x} ${ay - gap}C${a.x} ${over} ${b.x} ${over} ${b.x} ${by - gap - 2}`;
}

function loop(a) {
  const y = a.y - 14 - radius;
  return `M${a.x - 12} ${y - 3}C${a.x - 40} ${y - 46} ${a.x + 40} ${y - 46} ${a.x + 12} ${y - 5}`;
}

function Statistics({title: heading, type, stats, onClose, children}) {
  return html`<aside class="statistics" aria-label=${`Statistics of ${heading}`}>
    <header><h2>${heading} <small>${type}</small></h2><button onClick=${onClose} aria-label="Close the statistics">×</button></header>
    <p>${count(stats.total, "call")}
      ${shares(stats).map((s) => html`<span key=${s.outcome} class=${`status-${s.outcome}`}> ${outcomes[s.outcome].glyph} ${s.count} ${outcomes[s.outcome].text}</span>`)}</p>
    ${stats.total > 0 && html`<p>average ${duration(average(stats))}, p50 ${duration(stats.p50)}, p95 ${duration(stats.p95)}</p>`}
    ${children}
  </aside>`;
}

function NodeStatistics({node, query, reloads, open, onClose}) {
  const {name, type, stats, cold} = node;
  const client = type === "client";
  const itself = `id(name: ${quote(name)}${type ? `, type: ${quote(type)}` : ""})`;
  const filters = {all: `service(${itself})`, "with a fault": `service(${itself}) { fault }`, "with an error": `service(${itself}) { error }`};
  const range = (low, high) => {
    location.href = open(`service(${itself}) { responsetime >= ${low.toFixed(6)} AND responsetime <= ${high.toFixed(6)} }`);
  };
  return html`<${Statistics} title=${client ? `Clients of ${name}` : name} type=${type} stats=${stats} onClose=${onClose}>
    ${node.pending > 0 && html`<p>… ${node.pending} in progress</p>`}
    ${cold && html`<p>❄ cold ${cold.count} of ${stats.total} (${percent(stats.total ? cold.count / stats.total : 0)})${cold.count > 0 && html`, initialization p50 ${duration(cold.p50)}, p95 ${duration(cold.p95)}`}</p>`}
    ${open && !client && html`<p class="actions">Traces: ${Object.entries(filters).map(([text, filter]) => html`<a key=${text} href=${open(filter)}>${text}</a>`)}</p>`}
    ${!client && html`<${Histogram} buckets=${node.histogram} label="Response time" onRange=${open && range} />`}
    ${open && !client && html`<${Minutes} node=${node} query=${query} reloads=${reloads} />`}
  <//>`;
}

// Minutes are calls and faults of a node over time.
function Minutes({node, query, reloads}) {
  const parameters = new URLSearchParams(query);
  parameters.set("node", node.id);
  const {answer} = useGet(`/api/series?${parameters}`, node.end);
  if (!answer) return null;
  const of = (value) => answer.points.map((p) => ({time: p.time, value: value(p)}));
  return html`<div class="sparklines">
    <${Sparkline} label="Calls a minute" tone="ok" marks=${reloads} points=${of((p) => p.stats.total)} />
    <${Sparkline} label="Faults a minute" tone="fault" marks=${reloads} points=${of((p) => p.stats.fault)} />
  </div>`;
}

function EdgeStatistics({edge, names, open, onClose}) {
  const [from, to] = [names.get(edge.from), names.get(edge.to)];
  return html`<${Statistics} title=${title(edge, names)} type=${edge.link ? "linked traces" : "calls, as the caller sees them"} stats=${edge.stats} onClose=${onClose}>
    ${open && from.type !== "client" && html`<p class="actions"><a href=${open(`edge(${quote(from.name)}, ${quote(to.name)})`)}>Traces</a></p>`}
    ${edge.link
      ? html`<${Histogram} buckets=${edge.ages} label="Age of the message when it was received" />`
      : html`<${Histogram} buckets=${edge.histogram} label="Response time" />`}
  <//>`;
}

// quote writes a string of a filter expression.
export function quote(text) {
  return `"${String(text).replace(/["\\]/g, "\\$&")}"`;
}
