"""Building blocks for any component: buttons, dialogs, popups, texts, scripts."""
