// Where the nodes of the service map stand: in layers, left to right.
import {coordSimplex, decrossTwoLayer, graph, layeringSimplex, sugiyama} from "./vendor/d3-dag.js"; // by its place: a worker has no import map

export const cell = {width: 150, height: 132};

// layout places nodes, {key}, with edges, {from, to} by key. The same input gives
// the same picture whatever its order. It returns {width, height, places: {key: {x, y}}}.
export function layout(nodes, edges) {
  const g = graph();
  const byKey = new Map();
  for (const key of nodes.map((n) => n.key).sort()) byKey.set(key, g.node(key));
  const seen = new Set();
  const sorted = edges.map((e) => [e.from, e.to]).sort((a, b) => (a.join("\n") < b.join("\n") ? -1 : 1));
  for (const [from, to] of sorted) {
    const id = from + "\n" + to;
    if (from === to || seen.has(id) || !byKey.has(from) || !byKey.has(to)) continue; // d3-dag has no loops
    seen.add(id);
    g.link(byKey.get(from), byKey.get(to));
  }
  if (byKey.size === 0) return {width: 0, height: 0, places: {}};
  const place = sugiyama()
    .layering(layeringSimplex())
    .decross(decrossTwoLayer())
    .coord(coordSimplex())
    .nodeSize([cell.height, cell.width]) // it draws downwards: turned by 90 degrees
    .gap([12, 60]);
  const {width, height} = place(g);
  const places = {};
  for (const n of g.nodes()) places[n.data] = {x: n.y, y: n.x};
  return {width: height, height: width, places};
}
