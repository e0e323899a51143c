# A thing at our name that is not ours is never taken over silently; a loss of coverage needs a person.
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
= narrower.toml
  extends = "small.toml"
  [trail.data_events]
  agentcore = "none"

$ auditscope apply small.toml --sandbox --auto-approve --quiet
$ auditscope sandbox tamper untag-trail --file sandbox.json
$ auditscope drift small.toml --sandbox --quiet
$ auditscope apply small.toml --sandbox --auto-approve --quiet
$ auditscope apply small.toml --sandbox --auto-approve --quiet --adopt trail.main
$ auditscope plan narrower.toml --sandbox --quiet --detailed-exitcode
$ auditscope apply narrower.toml --sandbox --quiet --auto-approve
$ auditscope apply narrower.toml --sandbox --quiet --auto-approve --allow coverage:trail.main
$ auditscope diff small.toml --sandbox --quiet
