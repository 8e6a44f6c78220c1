// State that handlers read as it is now, not as it was when the page was last drawn:
// keys may come faster than that.
import {useRef, useState} from "preact/hooks";

// useCurrent returns {current} and what sets it.
export function useCurrent(initial) {
  const ref = useRef(initial);
  const [, draw] = useState(0);
  const set = (value) => {
    ref.current = value;
    draw((n) => n + 1);
  };
  return [ref, set];
}
