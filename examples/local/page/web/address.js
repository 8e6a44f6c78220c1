// The page's address says all that it shows: time, filter and order are in the
// query, so that a link opens what was seen.
import {useEffect, useState} from "preact/hooks";

// ranges are the spans of time one can choose, in seconds; 0 is all there is.
export const ranges = {"1m": 60, "5m": 300, "1h": 3600, "24h": 86400, all: 0};

// read takes the address apart: {view, id, other, query}.
export function read(where = location) {
  const [view = "", a, b] = where.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  return {view: view || "map", id: a, other: b, query: new URLSearchParams(where.search)};
}

// fromConsole returns the address here of one of the AWS console's fragments, or null:
// #/traces/{id}, #/service-map?timeRange=PT1H.
export function fromConsole(fragment) {
  const match = /^#?(?:xray:)?\/?(traces|service-map)(?:\/([^?]+))?(?:\?(.*))?$/.exec(fragment);
  if (!match) return null;
  const [, view, id, search] = match;
  if (view === "traces" && id) return `/trace/${encodeURIComponent(decodeURIComponent(id))}`;
  const given = new URLSearchParams(search ?? "");
  const query = new URLSearchParams();
  const filter = given.get("filter");
  if (filter) query.set("filter", filter);
  const range = {PT1M: "1m", PT5M: "5m", PT1H: "1h", P1D: "24h", PT24H: "24h"}[given.get("timeRange")];
  if (range) query.set("range", range);
  return `/${view === "traces" ? "traces" : "map"}${query.size ? `?${query}` : ""}`;
}

// go shows another address without loading the page anew.
export function go(address, replace = false) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  dispatchEvent(new PopStateEvent("popstate"));
}

// change sets members of the query; null takes one out.
export function change(members, replace = true) {
  const query = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries(members)) {
    if (value === null || value === "") query.delete(key);
    else query.set(key, value);
  }
  go(`${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`, replace);
}

// useAddress follows the address, and the page's own links.
export function useAddress() {
  const [address, setAddress] = useState(read());
  useEffect(() => {
    const follow = () => setAddress(read());
    const click = (e) => {
      const link = e.target.closest?.("a[href]");
      if (!link || e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || link.hasAttribute("download")) return;
      const to = new URL(link.href);
      if (to.origin !== location.origin || to.pathname.startsWith("/api/") || to.pathname.endsWith(".html")) return;
      e.preventDefault();
      go(to.pathname + to.search + to.hash);
    };
    addEventListener("popstate", follow);
    document.addEventListener("click", click);
    return () => {
      removeEventListener("popstate", follow);
      document.removeEventListener("click", click);
    };
  }, []);
  return address;
}

// bounds are the query parameters from and to of a chosen range, in seconds since
// 1970, for what the server is asked.
export function bounds(query, now = Date.now() / 1000) {
  if (query.has("from") || query.has("to")) return {from: query.get("from"), to: query.get("to")};
  const seconds = ranges[query.get("range") ?? "all"] ?? 0;
  return seconds ? {from: String(Math.floor(now - seconds))} : {};
}
