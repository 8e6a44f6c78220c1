// Templates: preact's h by way of htm. htm drops an element that is not closed in
// silence, so close every one.
import {h} from "preact";
import htm from "htm";

export const html = htm.bind(h);
