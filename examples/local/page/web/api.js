// What the page asks its server.
import {useEffect, useState} from "preact/hooks";

// get fetches JSON. An error has the server's words, and the column of a filter
// expression where there is one.
export async function get(path, signal) {
  const response = await fetch(path, {signal});
  if (response.ok) return response.json();
  const body = await response.json().catch(() => ({}));
  const {message = `the server answered ${response.status}`, parameter = "", column = 0} = body.error ?? {};
  throw Object.assign(new Error(message), {status: response.status, parameter, column});
}

// useGet fetches path, and again whenever version changes. What was there stays until
// the new answer is. It returns {answer, error}.
export function useGet(path, version = 0) {
  const [state, setState] = useState({});
  useEffect(() => {
    const abort = new AbortController();
    get(path, abort.signal).then(
      (answer) => setState({path, answer}),
      (error) => error.name !== "AbortError" && setState((old) => ({...old, path, error})),
    );
    return () => abort.abort();
  }, [path, version]);
  return state;
}

// useLive follows the server's events while the page is seen: {seq, traces, documents, bad, reloads}. One
// stream a page, none of a hidden one: a browser allows six connections a host.
export function useLive(on) {
  const [event, setEvent] = useState({seq: 0});
  useEffect(() => {
    if (!on) return undefined;
    let source;
    const follow = () => {
      source?.close();
      source = undefined;
      if (document.hidden) return;
      source = new EventSource("/api/events");
      source.addEventListener("change", ({data}) => setEvent(JSON.parse(data)));
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      source?.close();
    };
  }, [on]);
  return event;
}
