// Cold starts.
import {html} from "./html.js";
import {useGet} from "./api.js";
import {Histogram} from "./charts.js";
import {clock, duration, outcomes, percent} from "./format.js";
import {build, isInitialization} from "./model.js";

// ColdStarts shows the functions of a graph, and the newest cold traces, with what
// each did before its first request.
export function ColdStarts({graph, query}) {
  const functions = graph.nodes.filter((n) => n.cold);
  const parameters = new URLSearchParams(query);
  parameters.set("sort", "-cold");
  parameters.set("limit", "20");
  const {answer} = useGet(`/api/traces?${parameters}`, graph.seq);
  if (functions.length === 0) {
    return html`<section class="cold"><h1>Cold starts</h1><p class="quiet">No invocation of a Lambda function has arrived in this time.</p></section>`;
  }
  const traces = (answer?.traces ?? []).filter((t) => t.cold);
  return html`<section class="cold"><h1>Cold starts</h1>
    <div class="table-scroll"><table>
      <thead><tr><th scope="col">Function</th><th scope="col">Invocations</th><th scope="col">Cold</th><th scope="col">Initialization p50</th><th scope="col">p95</th>
        <th scope="col">All of it</th><th scope="col">Of billed time</th></tr></thead>
      <tbody>${functions.map((f) => html`<tr key=${f.id} data-name=${f.name}>
        <th scope="row">${f.name}</th><td class="number">${f.stats.total}</td><td class="number">❄ ${f.cold.count} (${percent(f.stats.total ? f.cold.count / f.stats.total : 0)})</td>
        <td class="number">${duration(f.cold.p50)}</td><td class="number">${duration(f.cold.p95)}</td>
        <td class="number">${Math.ceil(f.cold.seconds * 1000)} ms</td><td class="number">${percent(f.cold.seconds / (f.cold.seconds + f.stats.seconds || 1))}</td></tr>`)}</tbody>
    </table></div>
    <p class="quiet">Lambda bills initialization by the millisecond like the handler's time.</p>
    ${functions.map((f) => f.cold.count > 0 && html`<${Histogram} key=${f.id} buckets=${f.cold.histogram} label=${`Initialization of ${f.name}`} />`)}
    ${traces.length > 0 && html`<h2>What was done before the first request</h2>
      <div class="table-scroll"><table>
        <thead><tr><th scope="col">Trace</th><th scope="col">Start</th><th scope="col">Response</th><th scope="col">Initialization</th><th scope="col">In main</th></tr></thead>
        <tbody>${traces.map((t) => html`<${ColdTrace} key=${t.id} row=${t} />`)}</tbody>
      </table></div>`}
  </section>`;
}

function ColdTrace({row}) {
  const {answer} = useGet(`/api/trace/${encodeURIComponent(row.id)}`);
  const done = answer ? [...build(row.id, answer.segments).nodes.values()].filter((n) => n.parent && isInitialization(n.parent)) : [];
  return html`<tr data-id=${row.id}>
    <td><a href=${`/trace/${encodeURIComponent(row.id)}`}><code>${row.id}</code></a></td>
    <td>${clock(row.start)}</td>
    <td class=${`number status-${row.outcome}`}>${outcomes[row.outcome].glyph} ${duration(row.response)}</td>
    <td class="number">${duration(row.init)}</td>
    <td>${done.map((n) => `${n.doc.name} ${duration(n.end - n.start)}`).join(", ")}</td>
  </tr>`;
}
