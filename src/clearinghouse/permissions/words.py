"""Every verb in plain English: what one may or may not do, and what was done; no page shows a verb by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """How people read a verb."""

    todo: str
    """After "you may not": what is asked for."""
    done: str
    """After somebody's name: what they did, as the ledger has it."""


_SAID: Final = {
    "advisories:advisory:read": ("read drafts of advisories", "read the drafts of the advisory"),
    "advisories:advisory:write": ("have an advisory drafted", "had the advisory drafted"),
    "cases:case:confirm": ("confirm a case", "confirmed the case"),
    "cases:case:dissolve": ("dissolve a case", "dissolved the case"),
    "cases:case:doubt": ("put a case back to be confirmed", "put the case back to be confirmed"),
    "cases:case:open": ("open a case", "opened the case"),
    "cases:case:read": ("read cases", "looked at the case"),
    "cases:case:reopen": ("open a case again", "opened the case again"),
    "cases:embargo:accept": ("accept a day of publication", "accepted the proposed day"),
    "cases:embargo:propose": ("propose a day of publication", "proposed a day until which to keep quiet"),
    "cases:embargo:read": ("read until when a case is kept quiet", "read until when the case is kept quiet"),
    "cases:embargo:reject": ("reject a day of publication", "rejected the proposed day"),
    "cases:embargo:terminate": ("end the silence about a case", "ended the silence about the case"),
    "cases:fix:check": ("check a fix", "checked the fix that was handed in"),
    "cases:fix:hand-in": ("hand in a fix", "handed in a fix"),
    "cases:fix:read": ("read fixes", "looked at the fix"),
    "cases:join:end": ("end a join", "ended a join"),
    "cases:join:make": ("join a report to a case", "joined a report to the case"),
    "cases:join:read": ("read which reports stand in a case", "looked at a join"),
    "cases:join:undo": ("take a report out of a case", "took a report out of the case"),
    "cases:link:make": ("link two reports", "linked two reports"),
    "cases:link:read": ("read links between reports", "looked at a link between reports"),
    "cases:marking:lower": ("widen how far a case may be told", "widened how far the case may be told"),
    "cases:marking:raise": ("narrow how far a case may be told", "narrowed how far the case may be told"),
    "cases:marking:read": ("read how far a case may be told", "read how far the case may be told"),
    "cases:participant:leave": ("leave a seat in a case", "left their seat in the case"),
    "cases:participant:read": ("read who sits in a case", "read who sits in the case"),
    "cases:participant:remove": ("take a seat away", "took a seat in the case away"),
    "cases:participant:seat": ("give a seat in a case", "gave a seat in the case"),
    "cases:response:give": ("say what you hold of a case", "said what they hold of the case"),
    "cases:response:overrule": ("overrule what was said of a case", "overruled what was said of the case"),
    "cases:response:read": ("read what was said of a case", "read what was said of the case"),
    "cases:response:withdraw": ("take back what was said of a case", "took back what they had said of the case"),
    "cases:saved-view:delete": ("delete a saved view", "deleted a saved view"),
    "cases:saved-view:read": ("open saved views", "opened a saved view"),
    "cases:saved-view:save": ("save a view of the queue", "saved a view of the queue"),
    "cases:trial:forget": ("forget a trial of a patch", "forgot a trial of a patch on another report's proof"),
    "cases:trial:keep": ("keep a trial of a patch", "tried a patch on another report's proof"),
    "cases:trial:read": ("read trials of patches", "looked at a trial of a patch"),
    "deconfliction:attempt:read": ("read which announcements were refused", "read which announcements were refused"),
    "deconfliction:authorisation:give": ("authorise scans of what you own", "authorised scans of what they own"),
    "deconfliction:authorisation:read": ("read authorisations", "looked at the authorisation"),
    "deconfliction:authorisation:withdraw": ("withdraw an authorisation", "withdrew the authorisation"),
    "deconfliction:availability:read": ("read which participants answer", "read which participants answer"),
    "deconfliction:availability:say": ("say whether a participant answers", "said whether a participant answers"),
    "deconfliction:constraint:read": ("read what owners ask", "looked at what an owner asks"),
    "deconfliction:constraint:state": ("state what an owner asks", "stated what the owner asks"),
    "deconfliction:constraint:withdraw": ("withdraw what an owner asks", "withdrew what the owner asked"),
    "deconfliction:coverage:publish": ("publish a count of coverage", "published a count of what was covered"),
    "deconfliction:coverage:read": ("read what was covered", "read what was covered"),
    "deconfliction:coverage:record": ("record what was covered", "recorded what was covered"),
    "deconfliction:figure:read": ("read the figures of scans", "read the figures of scans"),
    "deconfliction:figure:read-internal": ("read the inner figures of scans", "read the inner figures of scans"),
    "deconfliction:foreign-record:bring-in": ("bring in records of others", "brought in a record of others"),
    "deconfliction:foreign-record:read": ("read records of others", "looked at a record of others"),
    "deconfliction:intent:accept": ("accept an announced scan", "accepted the announced scan"),
    "deconfliction:intent:announce": ("announce a scan", "announced the scan"),
    "deconfliction:intent:declare-emergency": ("declare an emergency", "declared the scan an emergency"),
    "deconfliction:intent:end": ("end a scan", "ended the scan"),
    "deconfliction:intent:halt": ("halt a scan", "halted the scan"),
    "deconfliction:intent:leave-plan": ("say that a scan leaves its plan", "said that the scan leaves its plan"),
    "deconfliction:intent:read": ("read scans", "looked at the scan"),
    "deconfliction:intent:renew": ("renew a scan", "renewed the scan"),
    "deconfliction:intent:start": ("start a scan", "started the scan"),
    "deconfliction:intent:take-warrant": ("take the warrant of a scan", "took the warrant of the scan"),
    "deconfliction:mapping:add": ("say from where a package is built", "said from where a package is built"),
    "deconfliction:mapping:read": ("read from where packages are built", "read from where a package is built"),
    "deconfliction:mapping:withdraw": ("take a mapping back", "took back from where a package is built"),
    "deconfliction:meeting:read": ("read which scans meet", "read which scans meet"),
    "deconfliction:ownership:claim": ("claim to own a target", "claimed to own a target"),
    "deconfliction:ownership:end": ("end an ownership", "ended the ownership of a target"),
    "deconfliction:ownership:read": ("read who owns what", "looked at the ownership of a target"),
    "deconfliction:ownership:refuse": ("refuse a claimed ownership", "refused the claimed ownership"),
    "deconfliction:ownership:verify": ("verify a claimed ownership", "verified the claimed ownership"),
    "deconfliction:place:read": ("read where scans look", "read where a scan looks"),
    "deconfliction:scan-list:fetch": ("fetch the list of scans", "fetched the list of scans"),
    "deconfliction:scan:look-up": ("look up whose scan it is", "looked up whose scan it is"),
    "deconfliction:subscription:begin": ("watch a target", "began to watch a target"),
    "deconfliction:subscription:end": ("end watching a target", "ended watching a target"),
    "deconfliction:subscription:read": ("read what is watched", "read what is watched"),
    "feeds:snapshot:read": ("read the outside lists", "read an outside list"),
    "feeds:snapshot:take-in": ("take in an outside list", "took in an outside list"),
    "findings:finding:judge": ("judge a report", "judged the report"),
    "findings:finding:read": ("read reports", "looked at the report"),
    "findings:finding:reopen": ("have a report judged again", "had the report judged again"),
    "findings:finding:settle": ("settle a report", "settled the report"),
    "findings:finding:supersede": ("replace a report by a later one", "replaced the report by a later one"),
    "findings:finding:take-in": ("take in a report", "took in the report"),
    "findings:refused-report:keep": ("refuse a report at the door", "refused a report at the door"),
    "findings:refused-report:read": ("read refused reports", "looked at a refused report"),
    "findings:submission:hand-in": ("hand in a report", "handed in a report"),
    "findings:submission:read": ("read what was handed in", "looked at what was handed in"),
    "findings:submission:refuse": ("refuse what was handed in", "refused what was handed in"),
    "findings:submission:take-in": ("take in what was handed in", "took in what was handed in"),
    "ledger:event:read": ("read what was done", "read what was done"),
    "notices:delivery:read": ("read what was sent to webhooks", "read what was sent to a webhook"),
    "notices:notice:read": ("read notices", "read a notice"),
    "notices:webhook:disable": ("switch off a webhook", "switched off the webhook"),
    "notices:webhook:enable": ("switch on a webhook", "switched on the webhook"),
    "notices:webhook:end": ("end a webhook", "ended the webhook"),
    "notices:webhook:read": ("read webhooks", "looked at the webhook"),
    "notices:webhook:register": ("register a webhook", "registered the webhook"),
    "notices:webhook:rotate": ("give a webhook a new secret", "gave the webhook a new secret"),
    "notices:webhook:test": ("send a test to a webhook", "sent a test to the webhook"),
    "operation:retention:apply": ("remove what is kept long enough", "removed what was kept long enough"),
    "operation:status:read": ("read how the installation stands", "read how the installation stands"),
    "parties:acceptance:end": ("end taking part", "ended that their organization takes part"),
    "parties:acceptance:give": ("accept the terms of taking part", "accepted the terms of taking part"),
    "parties:acceptance:read": ("read who takes part on which terms", "read who takes part on which terms"),
    "parties:consultation:answer": ("give an organization's view", "gave their organization's view"),
    "parties:consultation:ask": ("ask an organization for its view", "asked an organization for its view"),
    "parties:consultation:read": ("read which views were asked for", "read a view that was asked for"),
    "parties:consultation:withdraw": ("take back a question to an organization", "took back what was asked"),
    "parties:invitation:accept": ("accept an invitation", "accepted the invitation"),
    "parties:invitation:make": ("invite somebody", "invited somebody"),
    "parties:invitation:read": ("read invitations", "looked at an invitation"),
    "parties:invitation:withdraw": ("withdraw an invitation", "withdrew the invitation"),
    "parties:membership:end": ("end somebody's role", "ended somebody's role"),
    "parties:membership:grant": ("give somebody a role", "gave somebody a role"),
    "parties:membership:read": ("read who has which role", "read who has which role"),
    "parties:organization:found": ("add an organization", "added the organization"),
    "parties:organization:leave": ("leave with your whole organization", "left with their whole organization"),
    "parties:organization:read": ("read organizations", "looked at the organization"),
    "parties:organization:rename": ("rename an organization", "renamed the organization"),
    "parties:person:close": ("close somebody's account", "closed the account"),
    "parties:person:read": ("read about people", "read about a person"),
    "parties:person:secure": ("change how somebody signs in", "changed how they sign in"),
    "parties:request:approve": ("agree as the second person", "agreed as the second person"),
    "parties:request:make": ("ask for what two people must agree on", "asked for what two people must agree on"),
    "parties:request:read": ("read what waits for a second person", "read what waits for a second person"),
    "parties:request:refuse": ("refuse as the second person", "refused as the second person"),
    "parties:request:use": ("do what two people agreed on", "did what two people had agreed on"),
    "parties:request:void": ("void what was asked for", "found that what was asked for had changed, and voided it"),
    "parties:request:withdraw": ("take back what you asked for", "took back what they had asked for"),
    "parties:terms:publish": ("publish terms of taking part", "published terms of taking part"),
    "parties:terms:read": ("read the terms of taking part", "read the terms of taking part"),
    "parties:token:issue": ("issue a token", "issued a token"),
    "parties:token:read": ("read tokens", "looked at a token"),
    "parties:token:revoke": ("revoke a token", "revoked a token"),
    "validation:answer:end": ("end an answer", "ended an earlier answer"),
    "validation:answer:give": ("answer a question about a report", "answered a question about the report"),
    "validation:answer:read": ("read answers about reports", "looked at an answer"),
    "validation:known-bypass:keep": ("keep a way around a patch", "kept a way around a patch"),
    "validation:known-bypass:read": ("read ways around patches", "looked at a way around a patch"),
    "validation:validation:check-patches": ("check the patches of a report", "checked the patches of the report"),
    "validation:validation:judge": ("judge the proof of a report", "judged the proof of the report"),
    "validation:validation:open": ("begin to run the proof of a report", "began to run the proof of the report"),
    "validation:validation:range": ("find the affected releases", "found the affected releases"),
    "validation:validation:read": ("read what was run", "looked at what was run"),
    "validation:validation:settle": ("settle what was run", "settled what was run"),
}
WORDS: Final[Mapping[str, Words]] = MappingProxyType({verb: Words(*said) for verb, said in _SAID.items()})
"""Every verb of the permission table, and so every verb that the ledger can hold."""

ROOMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "advisories": "Advisories",
        "cases": "Cases",
        "deconfliction": "Scans",
        "feeds": "Outside lists",
        "findings": "Reports",
        "ledger": "What was done",
        "notices": "Notices and webhooks",
        "operation": "The installation",
        "parties": "People and organizations",
        "validation": "Runs and answers",
    }
)
"""The first part of verbs, as people read it."""


def to_do(verb: str) -> str:
    """Return what is asked for, to stand after "you may not"; of a verb that nobody put into words, the verb."""
    return WORDS[verb].todo if verb in WORDS else verb


def was_done(verb: str) -> str:
    """Return what was done, to stand after the name of who did it; of a verb without words, the verb."""
    return WORDS[verb].done if verb in WORDS else verb


def listed(names: Iterable[str], *, last: str = "or") -> str:
    """Return names of roles or states as a sentence has them: ``finder, maintainer or programme officer``."""
    plain = [name.replace("-", " ") for name in names]
    return f"{', '.join(plain[:-1])} {last} {plain[-1]}" if len(plain) > 1 else "".join(plain)
