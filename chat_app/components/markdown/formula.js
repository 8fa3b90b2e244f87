/**
 * Formulas, drawn by KaTeX, which is fetched with the first one; its chemistry (mhchem) with the first chemical one.
 *
 * JavaScript, since KaTeX is, and since formulas are drawn as they stream in.
 */
import {useEffect, useMemo, useState} from "react";

let katex, chemistry;
const isChemistry = (source) => /\\(?:ce|pu)\b/.test(source);
const isReadyFor = (source) => Boolean(katex && (chemistry || !isChemistry(source)));

const fetchKatex = async (source) => {
  [{default: katex}] = await Promise.all([import("katex"), import("katex/dist/katex.min.css")]);
  if (isChemistry(source)) chemistry = await import("katex/contrib/mhchem");
};

// Nothing is trusted by default, so that there are neither links nor images in a formula. Sizes are in em.
const options = {maxSize: 20, strict: false, throwOnError: false, errorColor: "var(--danger-foreground)"};
// Packages that LaTeX would load are part of KaTeX. A new object for each formula, since KaTeX adds its macros to it.
const macrosOfLatex = () => ({"\\require": "\\@firstoftwo{}"});

/**
 * @param {string} source LaTeX.
 * @param {boolean} displayMode Whether it has a line of its own.
 * @returns What goes into `dangerouslySetInnerHTML`; `false` until it can be drawn.
 */
export const useFormula = (source, displayMode) => {
  const [, redraw] = useState(0);
  const isReady = isReadyFor(source);
  useEffect(() => {
    if (!isReady) fetchKatex(source).then(() => redraw((count) => count + 1), console.error);
  }, [source, isReady]);
  return useMemo(
    () => isReady && {__html: katex.renderToString(source, {displayMode, macros: macrosOfLatex(), ...options})},
    [source, displayMode, isReady],
  );
};
