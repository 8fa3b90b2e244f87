/**
 * A message in the page's address: `?q=…` fills the message box, and `&send=1` sends it. JavaScript, since only the browser
 * knows which page the visitor comes from.
 */
let isFirst = true;

/**
 * Whether the page's own origin has led here. Links of other sites must not spend tokens; they have another referrer or
 * none. Addresses after the first one are changed by this page itself.
 */
const comesFromOwnOrigin = () => !isFirst || document.referrer.startsWith(`${window.location.origin}/`);

/**
 * Takes the message out of the address, so that a reload doesn't send it again.
 *
 * @returns {{text: string, mayBeSent: boolean}} The text is empty without a message.
 */
export const takeMessage = () => {
  const {pathname, search, hash} = window.location;
  const parameters = new URLSearchParams(search);
  const text = parameters.get("q") ?? "";
  const mayBeSent = parameters.get("send") === "1" && comesFromOwnOrigin();
  isFirst = false;
  if (text) {
    parameters.delete("q");
    parameters.delete("send");
    const rest = parameters.toString();
    window.history.replaceState(window.history.state, "", `${pathname}${rest && `?${rest}`}${hash}`);
  }
  return {text, mayBeSent};
};
