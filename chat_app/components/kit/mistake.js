/**
 * In development: the error in the code that keeps the API from starting.
 * JavaScript, since the server that would report it has not started.
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

/** The mistake, polled while the connection is lost; "" without one. */
export const useMistake = (isLost, url) => {
  const [mistake, setMistake] = useState("");
  useEffect(() => {
    if (!isLost) return undefined;
    const poll = async () => setMistake(await mistakeAt(url));
    poll();
    const timer = setInterval(poll, INTERVAL);
    return () => {
      clearInterval(timer);
      setMistake("");
    };
  }, [isLost, url]);
  return mistake;
};
