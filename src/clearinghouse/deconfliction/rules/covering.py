"""What was covered: under which name it is looked up, and what of it others may know."""

from clearinghouse.deconfliction.rules.targets.host import Host
from clearinghouse.deconfliction.rules.targets.kinds import Target
from clearinghouse.deconfliction.rules.targets.model import Model
from clearinghouse.deconfliction.rules.targets.network import Network
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software


def name_of(target: Target) -> str:
    """Return the name of a target alone: the package, the address, the block, whatever of it was tried."""
    match target:
        case Software():
            return target.package
        case Repository():
            return target.url
        case Network():
            return str(target.block)
        case Host() | Model():
            return str(target.plain()["name"])
