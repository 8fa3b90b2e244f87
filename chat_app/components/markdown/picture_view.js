/**
 * A view as large as the window, in which a picture can be zoomed and scrolled.
 * JavaScript, since how much of a picture fits depends on the window.
 */
import {useId, useState} from "react";

const STEP = 1.25;
const MIN_SCALE = 0.1;
const MAX_SCALE = 8;
const MARGIN = 32; // pixels
const BAR = 48; // pixels

/** The scale at which a picture fits into a window; small pictures are enlarged to 2 at most. */
export const fittingScale = (width, height, windowWidth, windowHeight) =>
  Math.max(MIN_SCALE, Math.min(2, (windowWidth - 2 * MARGIN) / width, (windowHeight - 2 * MARGIN - BAR) / height));

export const zoomed = (scale, factor) => Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale * factor));

/** The scale after a key is pressed; undefined for keys that don't zoom. */
export const scaleAfterKey = (key, scale, fitting) =>
  ({"+": zoomed(scale, STEP), "=": zoomed(scale, STEP), "-": zoomed(scale, 1 / STEP), "0": fitting})[key];

/** The view's `id`, its `scale`, which is 0 while it is closed, and the handlers of its elements. */
export const usePictureView = (width, height) => {
  const id = useId();
  const [scale, setScale] = useState(0);
  const fitting = () => fittingScale(width, height, window.innerWidth, window.innerHeight);
  const onBeforeToggle = ({newState}) => {
    if (newState === "open") setScale(fitting());
  };
  const onToggle = ({newState, currentTarget}) => {
    if (newState === "open") currentTarget.querySelector(".picture-scroll").focus();
    else setScale(0); // not before: the browser gives the focus back only from what is still there
  };
  const onKeyDown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own zoom
    const after = scaleAfterKey(event.key, scale, fitting());
    if (after === undefined) return;
    event.preventDefault();
    setScale(after);
  };
  const zoomIn = () => setScale(zoomed(scale, STEP));
  const zoomOut = () => setScale(zoomed(scale, 1 / STEP));
  return {id, scale, percent: `${Math.round(scale * 100)} %`, width: width * scale, onBeforeToggle, onToggle, onKeyDown, zoomIn, zoomOut};
};
