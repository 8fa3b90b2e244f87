"""Write the next migration."""

from argparse import ArgumentParser

from chat_app.infrastructure.sql.migrations import write_revision

parser = ArgumentParser(prog="python -m chat_app.infrastructure.sql.migrations", description=__doc__)
parser.add_argument("description", help="what changes, in a few words")
write_revision(parser.parse_args().description)
