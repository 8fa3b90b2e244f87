/**
 * Uploads an archive to the API, streamed from the disk.
 * JavaScript, since the file may exceed the limit of the websocket, on which Reflex sends events.
 */

/**
 * Uploads the file that was chosen in `input`, and clears it, so that the same file can be chosen again.
 *
 * @param ping The URL of the API's "ping".
 * @returns a promise of the API's reply, or of null without one.
 */
export const importArchive = async (input, ping) => {
  const url = new URL(ping.pathname.replace(/ping$/, "archive"), ping);
  const headers = {"Content-Type": "application/json"};
  const uploading = fetch(url, {method: "POST", credentials: "include", headers, body: input.files[0]});
  input.value = "";
  try {
    return await (await uploading).json();
  } catch {
    return null;
  }
};
