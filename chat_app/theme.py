"""Theme: colour names for Tailwind; ``assets/theme.css`` defines their values.

The names are those of shadcn/ui, which Streamdown's components use too.
"""

from reflex_base.plugins.shared_tailwind import TailwindConfig

# Equal to --background in assets/theme.css.
BACKGROUNDS = {"light": "#fdfdfc", "dark": "#17181a"}

COLOURS = (
    "background",
    "foreground",
    "muted",
    "muted-foreground",
    "border",
    "primary",
    "primary-foreground",
    "sidebar",
    "bubble",
    "danger",
    "danger-foreground",
)

TAILWIND: TailwindConfig = {
    "content": ["./node_modules/streamdown/dist/*.js"],
    "darkMode": "class",
    "theme": {"extend": {"colors": {name: f"var(--{name})" for name in COLOURS}}},
}
