// Two traces beside each other.
import {html} from "./html.js";
import {duration, outcomes} from "./format.js";
import {build, status} from "./model.js";

// align pairs the nodes of two traces by name, origin and position among those of the
// same name below the same parent. It lists {a, b, depth} in the order of the first,
// with what only the second has where it stands there.
export function align(a, b, same = alike) {
  const out = [];
  const walk = (left, right, depth) => {
    const rest = [...right];
    const pairs = left.map((node) => {
      const i = rest.findIndex((other) => same(node, other));
      return {a: node, b: i < 0 ? null : rest.splice(i, 1)[0]};
    });
    for (const node of rest) {
      const before = right.slice(0, right.indexOf(node)).reverse().find((n) => pairs.some((p) => p.b === n));
      pairs.splice(before ? pairs.findIndex((p) => p.b === before) + 1 : 0, 0, {a: null, b: node});
    }
    for (const pair of pairs) {
      out.push({...pair, depth});
      walk(below(pair.a), below(pair.b), depth + 1);
    }
  };
  walk(tops(a), tops(b), 0);
  return out;
}

function alike(a, b) {
  return a.doc.name === b.doc.name && (a.doc.origin ?? "") === (b.doc.origin ?? "") && (a.doc.namespace ?? "") === (b.doc.namespace ?? "");
}

function below(node) {
  return node ? [...node.children, ...node.called] : [];
}

function tops(trace) {
  return trace.groups.filter((g) => !g.caller).map((g) => g.root);
}

export function Compare({first, second}) {
  const [a, b] = [build(first.id, first.segments), build(second.id, second.segments)];
  const longest = Math.max(...[...a.nodes.values(), ...b.nodes.values()].map((n) => n.end - n.start), 1e-9);
  return html`<section class="compare">
    <h1>Compare</h1>
    <div class="table-scroll"><table>
      <thead><tr><th scope="col">Name</th><th scope="col">A <a href=${`/trace/${encodeURIComponent(a.id)}`}><code>${a.id}</code></a></th>
        <th scope="col">B <a href=${`/trace/${encodeURIComponent(b.id)}`}><code>${b.id}</code></a></th><th scope="col">Difference</th></tr></thead>
      <tbody>${align(a, b).map((pair, i) => html`<${Pair} key=${i} ...${pair} longest=${longest} />`)}</tbody>
    </table></div>
  </section>`;
}

function Pair({a, b, depth, longest}) {
  const node = a ?? b;
  const change = !a ? "added" : !b ? "removed" : "both";
  const by = a && b ? (b.end - b.start) - (a.end - a.start) : 0;
  const words = {added: "+ only in B", removed: "− only in A"}[change] ?? (Math.abs(by) < 5e-7 ? "the same" : `${by > 0 ? "▲ slower" : "▼ faster"} by ${duration(Math.abs(by))}`);
  return html`<tr class=${`pair-${change}`} data-name=${node.doc.name}>
    <th scope="row" style=${{paddingLeft: `${depth * 14 + 6}px`}}>${node.doc.name} <small>${node.type}</small></th>
    <td><${Took} node=${a} longest=${longest} /></td><td><${Took} node=${b} longest=${longest} /></td>
    <td class=${by > 0 ? "slower" : by < 0 ? "faster" : ""}>${words}</td>
  </tr>`;
}

function Took({node, longest}) {
  if (!node) return html`<span class="quiet">–</span>`;
  const {outcome, code} = status(node);
  return html`<span class=${`status-${outcome}`} title=${outcomes[outcome].text}>${outcomes[outcome].glyph}</span> ${code ?? ""} ${outcome === "pending" ? "" : duration(node.end - node.start)}
    <span class=${`length bar-${outcome}`} style=${{width: `${((node.end - node.start) / longest) * 100}%`}}></span>`;
}
