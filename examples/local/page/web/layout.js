// Where the nodes of the service map stand: in layers, left to right.
import {coordSimplex, decrossTwoLayer, graph, layeringSimplex, sugiyama} from "./vendor/d3-dag.js"; // by its place: a worker has no import map

export const cell = {width: 150, height: 112};

// layout places nodes, {key}, with edges, {from, to, link} by key. The same input gives
// the same picture whatever its order. A link does not decide what stands left of what
// if the calls do. It returns {width, height, places: {key: {x, y}}}.
export function layout(nodes, edges) {
  const g = graph();
  const byKey = new Map();
  for (const key of nodes.map((n) => n.key).sort()) byKey.set(key, g.node(key));
  const name = (e) => `${e.link ? 1 : 0}\n${e.from}\n${e.to}`;
  const seen = new Set();
  for (const e of [...edges].sort((a, b) => (name(a) < name(b) ? -1 : 1))) {
    const [from, to] = [byKey.get(e.from), byKey.get(e.to)];
    const id = `${e.from}\n${e.to}`;
    if (!from || !to || from === to || seen.has(id)) continue; // d3-dag has no loops
    if (e.link && reaches(to, from)) continue;
    seen.add(id);
    g.link(from, to);
  }
  if (byKey.size === 0) return {width: 0, height: 0, places: {}};
  const place = sugiyama()
    .layering(layeringSimplex())
    .decross(decrossTwoLayer())
    .coord(coordSimplex())
    .nodeSize([cell.height, cell.width]) // it draws downwards: turned by 90 degrees
    .gap([8, 60]);
  const {width, height} = place(g);
  const places = {};
  for (const n of g.nodes()) places[n.data] = {x: n.y, y: n.x};
  return {width: height, height: width, places};
}

function reaches(from, to) {
  for (const n of from.descendants()) if (n === to) return true;
  return false;
}
