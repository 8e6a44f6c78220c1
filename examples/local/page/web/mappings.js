// The spans of a trace by two mappers: what differs in the documents.
import {html} from "./html.js";
import {change} from "./address.js";
import {bytes, count} from "./format.js";
import {align} from "./compare.js";
import {flat} from "./facts.js";
import {build} from "./model.js";

const switches = {"all-annotations": "all attributes as annotations", "url-query": "URLs with their query", "sql-literals": "queries with their literals"};
const owners = {"": "as the span says", platform: "the platform's", own: "its own"};

// Mappings shows the trace as mapper A and mapper B make it. Their settings are in the
// address.
export function Mappings({id, a, b, query}) {
  const [first, second] = [build(id, a.segments), build(id, b.segments)];
  const rows = align(first, second, (x, y) => x.doc.id === y.doc.id).map((pair) => ({...pair, differences: differences(pair.a?.doc, pair.b?.doc)}));
  const different = rows.filter((r) => r.differences.length > 0).length;
  return html`<section class="mappings">
    <h1>Two mappings of <a href=${`/trace/${encodeURIComponent(id)}`}><code>${id}</code></a></h1>
    <div class="settings"><${Settings} side="a" answer=${a} query=${query} /><${Settings} side="b" answer=${b} query=${query} /></div>
    <p role="status">${different === 0 ? "Both make the same of it." : `They differ in ${different} of ${rows.length} segments and subsegments.`}</p>
    <div class="table-scroll"><table>
      <thead><tr><th scope="col">Name</th><th scope="col">What</th><th scope="col">A</th><th scope="col">B</th></tr></thead>
      <tbody>${rows.map((r, i) => html`<${Rows} key=${i} ...${r} />`)}</tbody>
    </table></div>
  </section>`;
}

function Settings({side, answer, query}) {
  const set = (query.get(side) ?? "").split(",").filter(Boolean);
  const keys = set.filter((s) => s.startsWith("annotation=")).map((s) => s.slice("annotation=".length));
  const owner = set.find((s) => s === "platform" || s === "own") ?? "";
  const write = (next) => change({[side]: next.join(",")});
  const toggle = (name) => write(set.includes(name) ? set.filter((s) => s !== name) : [...set, name]);
  const name = side.toUpperCase();
  return html`<fieldset data-side=${side}><legend>${name}: ${count(answer.documents, "document")}, ${bytes(answer.bytes)}</legend>
    ${Object.entries(switches).map(([s, text]) => html`<label key=${s}><input type="checkbox" data-setting=${s} checked=${set.includes(s)} onChange=${() => toggle(s)} /> ${text}</label>`)}
    <label>annotations <input type="text" aria-label=${`Annotation keys of ${name}`} placeholder="key key" value=${keys.join(" ")}
      onChange=${(e) => write([...set.filter((s) => !s.startsWith("annotation=")), ...e.target.value.split(/[\s,]+/).filter(Boolean).map((k) => `annotation=${k}`)])} /></label>
    <label>function segment <select aria-label=${`Function segment of ${name}`} value=${owner} onChange=${(e) => write([...set.filter((s) => s !== "platform" && s !== "own"), e.target.value].filter(Boolean))}>
      ${Object.entries(owners).map(([s, text]) => html`<option key=${s} value=${s}>${text}</option>`)}</select></label>
  </fieldset>`;
}

// differences lists [path, a, b] of the members in which two documents differ.
export function differences(a, b) {
  const [left, right] = [new Map(members(a)), new Map(members(b))];
  return [...new Set([...left.keys(), ...right.keys()])].filter((k) => left.get(k) !== right.get(k)).map((k) => [k, left.get(k), right.get(k)]);
}

function members(doc) {
  if (!doc) return [];
  const {subsegments, ...own} = doc;
  return flat(own);
}

function Rows({a, b, depth, differences: list}) {
  const {doc} = a ?? b;
  const name = html`<th scope="row" rowspan=${Math.max(list.length, 1)} style=${{paddingLeft: `${depth * 14 + 6}px`}}>${doc.name}</th>`;
  if (!a || !b) {
    return html`<tr class=${a ? "pair-removed" : "pair-added"} data-id=${doc.id}><th scope="row" style=${{paddingLeft: `${depth * 14 + 6}px`}}>${doc.name}</th><td colspan="3">${a ? "− only in A" : "+ only in B"}</td></tr>`;
  }
  if (list.length === 0) return html`<tr data-id=${doc.id}>${name}<td class="quiet" colspan="3">the same</td></tr>`;
  return list.map(([path, left, right], i) => html`<tr key=${path} class="differs" data-id=${doc.id}>${i === 0 && name}
    <td><code>${path}</code></td><td class=${left === undefined ? "quiet" : ""}>${left ?? "–"}</td><td class=${right === undefined ? "quiet" : ""}>${right ?? "–"}</td></tr>`);
}
