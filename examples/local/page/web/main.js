// The page: what the address asks for, below a bar that is always there.
import {render} from "preact";
import {useEffect, useState} from "preact/hooks";
import {html} from "./html.js";
import {bounds, change, fromConsole, go, ranges, useAddress} from "./address.js";
import {get, useGet, useLive} from "./api.js";
import {ColdStarts} from "./cold.js";
import {Compare} from "./compare.js";
import {Empty} from "./empty.js";
import {Filter} from "./filter.js";
import {clock} from "./format.js";
import {Health} from "./health.js";
import {ServiceMap} from "./map.js";
import {Mappings} from "./mappings.js";
import {setTheme, theme} from "./theme.js";
import {Trace} from "./trace.js";
import {TraceList} from "./traces.js";

const views = {map: MapView, traces: TracesView, trace: TraceView, compare: CompareView, mappings: MappingsView, cold: ColdView, health: HealthView};

function App() {
  const address = useAddress();
  const [live, setLive] = useState(true);
  const [error, setError] = useState(null);
  const event = useLive(live);
  const View = views[address.view] ?? NotFound;
  useEffect(() => setError(null), [address]);
  return html`<${Bar} address=${address} event=${event} live=${live} setLive=${setLive} error=${error} />
    <main><${View} key=${address.view + (address.id ?? "")} address=${address} event=${event} onError=${setError} /></main>`;
}

function Bar({address, event, live, setLive, error}) {
  const {view, query} = address;
  const kept = new URLSearchParams([...query].filter(([k]) => k === "filter" || k === "range" || k === "run" || k === "from" || k === "to"));
  const to = (path) => `/${path}${kept.size ? `?${kept}` : ""}`;
  const filters = view === "map" || view === "traces" || view === "cold";
  const [shade, setShade] = useState(theme());
  return html`<header class="bar">
    <b class="brand">X-Ray</b>
    <nav aria-label="Views">
      ${[["map", "Map"], ["traces", "Traces"], ["cold", "Cold starts"], ["health", "Health"]].map(([path, text]) => html`<a key=${path} href=${to(path)} aria-current=${view === path ? "page" : undefined}>${text}${path === "health" && event.bad > 0 ? html` <span class="badge">${event.bad}</span>` : ""}</a>`)}
    </nav>
    ${filters && html`<${Filter} value=${query.get("filter") ?? ""} error=${error} />
      <label class="range"><span>last</span> <select aria-label="Time" value=${query.get("range") ?? "all"} onChange=${(e) => change({range: e.target.value === "all" ? null : e.target.value, from: null, to: null})}>
        ${Object.keys(ranges).map((r) => html`<option key=${r} value=${r}>${r === "all" ? "all there is" : r}</option>`)}</select></label>
      <${Runs} reloads=${event.reloads ?? []} chosen=${query.get("run") ?? ""} />`}
    <button class="live" aria-pressed=${live} onClick=${() => setLive(!live)}>${live ? "● live" : "○ paused"}</button>
    <button class="shade" aria-label=${shade === "dark" ? "Light colours" : "Dark colours"} onClick=${() => setShade(setTheme(shade === "dark" ? "light" : "dark"))}>${shade === "dark" ? "☀" : "☾"}</button>
  </header>`;
}

// Runs chooses a run of the function, if its program has changed.
function Runs({reloads, chosen}) {
  if (reloads.length === 0) return null;
  return html`<label class="range"><span>run</span> <select aria-label="Run of the function" value=${chosen} onChange=${(e) => change({run: e.target.value})}>
    <option value="">all</option>
    ${[...reloads, null].map((end, i) => html`<option key=${i} value=${String(i + 1)}>${i + 1}: ${[i > 0 && `from ${clock(reloads[i - 1])}`, end !== null && `until ${clock(end)}`].filter(Boolean).join(" ")}</option>`)}</select></label>`;
}

// asked makes the parameters of the page's time, run and filter.
function asked(query) {
  const given = ["run", "filter"].filter((k) => query.get(k)).map((k) => [k, query.get(k)]);
  return new URLSearchParams({...bounds(query), ...Object.fromEntries(given)});
}

// openWith makes the address of the traces that match a filter, in the same time.
function openWith(query) {
  const kept = [...query].filter(([k]) => k === "range" || k === "run" || k === "from" || k === "to");
  const given = query.get("filter");
  return (filter) => `/traces?${new URLSearchParams([...kept, ["filter", given ? `(${given}) AND ${filter}` : filter]])}`;
}

// Answer shows children of an answer, or what is wrong.
function Answer({state, children}) {
  if (!state.answer) return state.error ? html`<p class="failed" role="alert">${state.error.message}</p>` : html`<p class="quiet">Loading…</p>`;
  return html`${state.error && html`<p class="failed" role="alert">${state.error.message}</p>`}${children(state.answer)}`;
}

function useReported(state, onError) {
  useEffect(() => onError(state.error ?? null), [state.error]);
  return state;
}

function MapView({address, event, onError}) {
  const query = asked(address.query);
  const state = useReported(useGet(`/api/graph?${query}`, event.seq), onError);
  const health = useGet("/api/health", event.seq);
  return html`<${Answer} state=${state}>${(graph) => graph.nodes.length > 0
    ? html`<${ServiceMap} graph=${graph} query=${query} reloads=${event.reloads} open=${openWith(address.query)} />
      <p class="actions"><a class="button" href=${`/map.html?${query}`} download="service-map.html">Save as HTML</a></p>`
    : health.answer?.traces > 0 ? html`<p class="quiet">No trace matches.</p>` : html`<${Empty} health=${health.answer} />`}<//>`;
}

function TracesView({address, event, onError}) {
  const query = asked(address.query);
  query.set("sort", address.query.get("sort") ?? "-start");
  const [limit, setLimit] = useState(100);
  query.set("limit", String(limit));
  const state = useReported(useGet(`/api/traces?${query}`, event.seq), onError);
  const [more, setMore] = useState({}); // pages behind the first, which does not grow beyond 500
  const key = `${query}`;
  const onMore = async () => {
    if (limit < 500) {
      setLimit(500);
      return;
    }
    const before = more.key === key ? more : {key, traces: [], next: state.answer.next};
    query.set("cursor", before.next);
    const page = await get(`/api/traces?${query}`).catch(onError);
    if (page) setMore({key, traces: [...before.traces, ...page.traces], next: page.next});
  };
  return html`<${Answer} state=${state}>${(answer) => {
    const all = more.key === key ? {...answer, traces: [...answer.traces, ...more.traces], next: more.next} : answer;
    return html`<${TraceList} answer=${all} query=${address.query} onMore=${onMore} />`;
  }}<//>`;
}

function TraceView({address, event}) {
  const state = useGet(`/api/trace/${encodeURIComponent(address.id)}`, event.seq);
  const {answer: came} = useGet(`/api/trace/${encodeURIComponent(address.id)}/spans`, event.seq);
  return html`<${Answer} state=${state}>${(answer) => html`<${Trace} answer=${answer} spans=${came?.spans} />`}<//>`;
}

function MappingsView({address}) {
  const [a, b] = ["a", "b"].map((side) => {
    const settings = new URLSearchParams({settings: address.query.get(side) ?? ""});
    return useGet(`/api/trace/${encodeURIComponent(address.id)}/mapped?${settings}`);
  });
  return html`<${Answer} state=${a}>${(first) => html`<${Answer} state=${b}>${(second) => html`<${Mappings} id=${address.id} a=${first} b=${second} query=${address.query} />`}<//>`}<//>`;
}

function CompareView({address}) {
  const first = useGet(`/api/trace/${encodeURIComponent(address.id)}`);
  const second = useGet(`/api/trace/${encodeURIComponent(address.other)}`);
  return html`<${Answer} state=${first}>${(a) => html`<${Answer} state=${second}>${(b) => html`<${Compare} first=${a} second=${b} />`}<//>`}<//>`;
}

function ColdView({address, event, onError}) {
  const query = asked(address.query);
  const state = useReported(useGet(`/api/graph?${query}`, event.seq), onError);
  return html`<${Answer} state=${state}>${(graph) => html`<${ColdStarts} graph=${graph} query=${query} />`}<//>`;
}

function HealthView({event}) {
  const state = useGet("/api/health", event.seq);
  return html`<${Answer} state=${state}>${(answer) => html`<${Health} answer=${answer} />`}<//>`;
}

function NotFound() {
  return html`<p>There is nothing here. <a href="/">The service map</a></p>`;
}

const elsewhere = fromConsole(location.hash);
if (elsewhere) go(elsewhere, true);
render(html`<${App} />`, document.getElementById("app"));
