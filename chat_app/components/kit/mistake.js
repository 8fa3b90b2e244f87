/**
 * While developing: the mistake in the code that keeps the API from starting.
 * JavaScript, since the server that would say so is the one that has not started.
 */
import {useEffect, useState} from "react";

const INTERVAL = 1_000; // milliseconds

/** The text with which the API at `url` fails; empty where it answers, or can't be reached at all. */
export const mistakeAt = async (url, fetchText = fetch) => {
  try {
    const response = await fetchText(url, {cache: "no-store"});
    return response.status === 500 ? await response.text() : "";
  } catch {
    return "";
  }
};

/** The mistake, looked for as long as the connection is lost. */
export const useMistake = (isLost, url) => {
  const [mistake, setMistake] = useState("");
  useEffect(() => {
    if (!isLost) return undefined;
    const look = async () => setMistake(await mistakeAt(url));
    look();
    const timer = setInterval(look, INTERVAL);
    return () => {
      clearInterval(timer);
      setMistake("");
    };
  }, [isLost, url]);
  return mistake;
};
