"""Golden renderings of chat templates by transformers' own apply_chat_template.

Made with transformers 5.24.0, jinja2 3.1.6. Run from the repository's root:
    python tools/golden/chat_templates.py
Renders core/src/test/resources/golden/templates/*.jinja into renderings.json beside them.

    python tools/golden/chat_templates.py FOLDER OUT.json
does the same for any folder of templates, for instance models/templates of llama.cpp; then
io.quarry.chat.CompareTemplates (a main among core's tests) says where ours differ.
"""
import datetime
import json
import sys
from pathlib import Path

import transformers.utils.chat_template_utils as templates
from transformers import PreTrainedTokenizerFast

from conversations import CASES

GOLDEN = Path("core/src/test/resources/golden")
FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else GOLDEN / "templates"
OUT = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER / "renderings.json"
NOW = datetime.datetime(2026, 3, 5, 14, 7, 9)


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


templates.datetime = Clock
tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(GOLDEN / "tokenizer.json"), bos_token="<s>", eos_token="</s>",
                                    unk_token="<unk>", pad_token="<pad>")


def render(template, case, end):
    """What is rendered; null where the template refuses."""
    try:
        return tokenizer.apply_chat_template(
            case["messages"], tools=case["tools"], documents=case["documents"], chat_template=template, tokenize=False,
            add_generation_prompt=end == "PROMPT", continue_final_message=end == "CONTINUE", **case["variables"])
    except Exception as e:
        REASONS[f"{type(e).__name__}: {str(e)[:90]}"] = REASONS.get(f"{type(e).__name__}: {str(e)[:90]}", 0) + 1
        return None


REASONS = {}
BY_HAND = len(sys.argv) > 2
ENDS = ("CLOSED", "PROMPT", "CONTINUE")
paths = sorted(FOLDER.glob("*.jinja"))
if not BY_HAND:
    paths.append(Path("core/src/main/resources/io/quarry/chat/chat_template.jinja"))
rows = []
for t, path in enumerate(paths):
    source = path.read_text()
    # what is committed has every second conversation of a template, the three ways to end in turn
    made = [{end: render(source, case, end) for e, end in enumerate(ENDS) if BY_HAND or (i + t + 2 * e) % 6 == 0}
            for i, case in enumerate(CASES)]
    rows.append(json.dumps({"template": path.name, "renderings": made}))
cases = ",\n".join(json.dumps(case) for case in CASES)
OUT.write_text('{"tokens": %s, "now": "%s",\n"cases": [\n%s\n],\n"templates": [\n%s\n]}\n' % (
    json.dumps(tokenizer.special_tokens_map), NOW.isoformat(), cases, ",\n".join(rows)))
print(len(rows), "templates,", len(CASES), "conversations")
if BY_HAND:
    for reason, count in sorted(REASONS.items(), key=lambda r: -r[1]):
        print(count, reason)
