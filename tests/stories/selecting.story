# A part of the blueprint: a target brings what it waits for, an excluded step takes along what cannot do without it.
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

$ auditscope plan small.toml --sandbox --quiet --target s3_bucket.log
$ auditscope plan small.toml --sandbox --quiet --target trail.main --exclude kms_key.main
$ auditscope plan small.toml --sandbox --quiet --exclude s3_bucket.logs
$ auditscope plan small.toml --sandbox --concise --target sns_topic.alarms
$ auditscope apply small.toml --sandbox --auto-approve --quiet --target sns_topic.alarms
$ auditscope apply small.toml --sandbox --auto-approve --quiet --target s3_bucket.logs --target sns_topic.alarms
$ auditscope plan small.toml --sandbox --quiet --detailed-exitcode --target sns_topic.alarms
$ auditscope apply small.toml --sandbox --auto-approve --quiet --concise --exclude dashboard.main
$ auditscope apply small.toml --sandbox --auto-approve --quiet
# What needs nothing can be listed; one line a step.
$ auditscope sandbox tamper shorten-log-retention --file sandbox.json
$ auditscope sandbox tamper stop-logging --file sandbox.json
$ auditscope plan small.toml --sandbox --concise --show-unchanged
$ auditscope drift small.toml --sandbox --concise
# Only what is selected is looked at, asked about and counted.
$ auditscope apply small.toml --sandbox --auto-approve --target log_group.trail --format json
$ auditscope plan small.toml --sandbox --format json --exclude trail.main
$ auditscope plan small.toml --sandbox --format markdown --target dashboard.main
$ auditscope destroy small.toml --sandbox --auto-approve --quiet --target dashboard.main
$ auditscope plan small.toml --sandbox --quiet -o plan.json --target trail.main
$ auditscope show plan.json --quiet
$ auditscope apply plan.json --sandbox --auto-approve --quiet --exclude kms_key.main
$ auditscope apply plan.json --sandbox --auto-approve --quiet
$ auditscope apply plan.json --sandbox --auto-approve --quiet
