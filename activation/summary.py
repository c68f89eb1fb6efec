"""What a dry run or a run of delivering did, in words: for the person who approves, the log, and the terminal.

In: the dictionaries that `activation.preview` and `activation.deliver` return. Out: Markdown. No address is in it.
"""

IN_DOUBT_HELP = (
    "Nobody knows whether {user} got the message of {campaign}. Look into the mail server's log, then: "
    "python -m precision settle --shop {shop} --campaign {campaign} --user {user} --sent (or --not-sent)"
)
MODES = {
    "file": "into an audience file; nothing is sent",
    "smtp": "**really sent by e-mail**",
    "webhook": "**really posted to the webhook**",
}


def of_preview(found: dict) -> str:
    """What would go out."""
    total = sum(each["going_out"] for each in found["campaigns"].values())
    lines = [
        f"**{found['shop']}**, plan of {found['as_of']} (published version {found['version']}): {total} messages.",
        "",
        "| campaign | how | messages | held out as control | already out | left out | from |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, each in found["campaigns"].items():
        lines.append(
            f"| {name} | {MODES[each['via']]} | {each['going_out']} | {each['control']} | {each['sent']} "
            f"| {_reasons(each['skipped'])} | {each['first_due'][:16]} UTC |"
        )
    for name, each in found["campaigns"].items():
        if each["sample_text"]:
            quoted = "\n".join(f"> {line}" for line in each["sample_text"].splitlines())
            lines += ["", f"{name}, for example: **{each['sample_subject']}**", "", quoted]
    return "\n".join([*lines, "", f"All messages: {found['folder']}"])


def of_delivery(done: dict) -> str:
    """What went out, what waits, and what a person has to do."""
    lines = [
        f"**{done['shop']}**, plan of {done['as_of']} (published version {done['version']})",
        "",
        "| campaign | how | treated | out now | out in all | control | waiting | left out | refused | in doubt |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, each in done["campaigns"].items():
        lines.append(
            f"| {name} | {each['via']} | {each['treated']} | {each['sent_now']} | {each['sent']} | {each['control']} "
            f"| {_reasons(each['queued'])} | {_reasons(each['skipped'])} | {_reasons(each['refused'])} "
            f"| {len(each['in_doubt'])} |"
        )
    lines += [f"\nChannel {name} takes nothing now: {why}" for name, why in done["failed"].items()]
    lines += [
        "\n" + IN_DOUBT_HELP.format(user=user, campaign=name, shop=done["shop"])
        for name, each in done["campaigns"].items()
        for user in each["in_doubt"]
    ]
    return "\n".join(lines)


def _reasons(counts: dict[str, int]) -> str:
    return "; ".join(f"{rows} {reason}" for reason, rows in counts.items()) or "0"
