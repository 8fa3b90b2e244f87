/**
 * Sends the file that was chosen in an input to the API, as its body.
 * JavaScript, since a browser reads it from the disk as it goes.
 */

/**
 * @param {HTMLInputElement} input - Holds the file; empty afterwards, so that the same file can be chosen again.
 * @param {URL} ping - The address of the API's "ping".
 * @returns {Promise<object|null>} What the API has replied; null if it hasn't.
 */
export async function importArchive(input, ping) {
  const url = new URL(ping.pathname.replace(/ping$/, "archive"), ping);
  const headers = { "Content-Type": "application/json" };
  const sending = fetch(url, { method: "POST", credentials: "include", headers, body: input.files[0] });
  input.value = "";
  try {
    return await (await sending).json();
  } catch {
    return null;
  }
}
