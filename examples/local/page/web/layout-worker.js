// The layout of a large map, out of the page's way.
import {layout} from "./layout.js";

self.onmessage = ({data}) => self.postMessage(layout(data.nodes, data.edges));
