/**
 * Diagrams, drawn by Mermaid, which is fetched with the first one that is asked for.
 *
 * JavaScript, since Mermaid is.
 */
import {useEffect, useState} from "react";

const mermaidOptions = {
  startOnLoad: false,
  securityLevel: "strict",
  suppressErrorRendering: true,
  sequence: {wrap: true},
  fontFamily: "system-ui, sans-serif",
  theme: "base",
  themeVariables: {
    primaryColor: "#cfe5d8", primaryTextColor: "#1f2023", primaryBorderColor: "#66676b", lineColor: "#66676b",
    background: "#f6f6f3", edgeLabelBackground: "#f6f6f3", noteBkgColor: "#f6f6f3", noteBorderColor: "#66676b",
  },
};
let diagramCount = 0;

// As an image, a drawing can neither run scripts nor fetch anything, and its links don't work.
const drawDiagram = async (source) => {
  const {default: mermaid} = await import("mermaid");
  mermaid.initialize(mermaidOptions);
  const {svg} = await mermaid.render(`diagram-${diagramCount++}`, source);
  const drawing = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
  const {width, height} = drawing.viewBox.baseVal;
  drawing.setAttribute("width", width);
  drawing.setAttribute("height", height);
  const text = new XMLSerializer().serializeToString(drawing);
  return {src: `data:image/svg+xml,${encodeURIComponent(text)}`, width, height};
};

/**
 * @param {string} source Mermaid's code.
 * @param {boolean} isWanted Whether the reader has asked for the drawing.
 * @returns An image's `src`, `width` and `height`; `hasFailed` if the code is wrong; nothing until then.
 */
export const useDiagram = (source, isWanted) => {
  const [drawing, setDrawing] = useState({});
  useEffect(() => {
    if (isWanted) drawDiagram(source).then(setDrawing, () => setDrawing({hasFailed: true}));
  }, [source, isWanted]);
  return isWanted ? drawing : {};
};
