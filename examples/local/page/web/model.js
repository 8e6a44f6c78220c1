// A trace as the page works with it: its documents as one tree.
import {outcome, statusCode} from "./format.js";

// build returns {id, groups, root, start, end} of a trace's documents, as
// BatchGetTraces returns them. A group is a segment with all that is nested in it; the
// groups stand in the order of the calls that lead to them, each with its caller. A node is
// {doc, group, parent, start, end, depth, type, children, called}: children are its
// subsegments, called the segments that its call led to.
export function build(id, documents) {
  const nodes = new Map();
  const groups = [];
  const inferred = new Map(); // by the call that they were inferred from
  for (const doc of documents) {
    if (doc.inferred) {
      inferred.set(doc.parent_id, doc);
      continue;
    }
    const group = {doc, root: null, caller: null};
    group.root = add(doc, group, null, nodes);
    groups.push(group);
  }
  for (const [call, doc] of inferred) {
    const node = nodes.get(call);
    if (node) node.type = doc.origin ?? "remote";
  }
  const tops = [];
  for (const group of groups) {
    const caller = nodes.get(group.doc.parent_id);
    if (caller && caller.group !== group && !callsItself(caller.group, group)) {
      group.caller = caller.group;
      caller.called.push(group.root);
    } else {
      tops.push(group);
    }
  }
  tops.sort((a, b) => a.root.start - b.root.start);
  const ordered = [];
  const place = (group) => {
    ordered.push(group);
    for (const next of callsBelow(group.root)) place(next.group);
  };
  for (const group of tops) place(group);
  const all = [...nodes.values()];
  return {
    id,
    nodes,
    groups: ordered,
    root: ordered[0]?.root,
    start: all.reduce((t, n) => Math.min(t, n.start), Infinity),
    end: all.reduce((t, n) => Math.max(t, n.end), -Infinity),
  };
}

// callsItself reports whether group already is among the callers of caller: segments
// that call each other in a circle are broken, but not endless.
function callsItself(caller, group) {
  for (let g = caller; g; g = g.caller) if (g === group) return true;
  return false;
}

function add(doc, group, parent, nodes) {
  const start = Number(doc.start_time);
  const node = {
    doc, group, parent, start,
    end: doc.end_time === undefined ? start : Number(doc.end_time),
    depth: parent ? parent.depth + 1 : 0,
    type: doc.origin,
    children: [],
    called: [],
  };
  nodes.set(doc.id, node);
  for (const sub of doc.subsegments ?? []) node.children.push(add(sub, group, node, nodes));
  node.children.sort((a, b) => a.start - b.start);
  if (doc.in_progress) node.end = node.children.reduce((t, c) => Math.max(t, c.end), node.end);
  return node;
}

// callsBelow returns the segments that a group calls, by the start of the call.
function callsBelow(root) {
  const found = [];
  const walk = (node) => {
    found.push(...node.called);
    node.children.forEach(walk);
  };
  walk(root);
  return found.sort((a, b) => a.start - b.start);
}

// rows lists the nodes as the timeline shows them, without what lies in those of
// closed, a set of ids.
export function rows(trace, closed = new Set()) {
  const out = [];
  const walk = (node) => {
    out.push(node);
    if (!closed.has(node.doc.id)) node.children.forEach(walk);
  };
  for (const group of trace.groups) walk(group.root);
  return out;
}

// isCall reports whether a node made a request: it has a node on the map.
export function isCall(node) {
  return node.doc.namespace === "aws" || node.doc.namespace === "remote";
}

// operation is what a call did: the text of its bar.
export function operation(doc) {
  if (doc.aws?.operation) return String(doc.aws.operation);
  const request = doc.http?.request;
  if (request) return [request.method, path(request.url)].filter(Boolean).join(" ");
  if (doc.sql?.sanitized_query) return doc.sql.sanitized_query.slice(0, 60);
  return "";
}

function path(url) {
  if (!url) return "";
  const after = String(url).replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  return after || "/";
}

// status is the glyph's outcome and the response code of a node.
export function status(node) {
  return {outcome: outcome(node.doc), code: statusCode(node.doc)};
}

const initialization = new Set(["Initialization", "Init", "init", "Restore"]);

// isInitialization reports whether a node is what ran before the first request, or lies
// in it.
export function isInitialization(node) {
  for (let n = node; n; n = n.parent) if (initialization.has(n.doc.name) && n.parent) return true;
  return false;
}
