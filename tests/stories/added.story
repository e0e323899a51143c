# What others add beside ours is drift: some of it an apply repairs, the rest it tells, and only `--prune` takes it away.
= small.toml
  format = 1
  [scope]
  name = "genai-audit"
  account = "111122223333"
  home_region = "us-east-1"
  [notifications]
  emails = ["secops@example.com"]
  [detections]
  packs = ["audit-tampering"]

$ auditscope apply small.toml --sandbox --auto-approve --quiet
$ auditscope sandbox tamper add-subscriber --file sandbox.json
$ auditscope drift small.toml --sandbox
$ auditscope apply small.toml --sandbox --auto-approve
$ auditscope sandbox tamper grant-key --file sandbox.json
$ auditscope sandbox tamper add-access-point --file sandbox.json
$ auditscope plan small.toml --sandbox --quiet --detailed-exitcode
$ auditscope apply small.toml --sandbox --auto-approve --quiet
$ auditscope diff small.toml --sandbox --quiet
$ auditscope drift small.toml --sandbox --format json
$ auditscope apply small.toml --sandbox --auto-approve --quiet --prune --allow weaken:sns_topic.alarms
$ auditscope drift small.toml --sandbox --quiet
