# What would fail half-way is told before anything is written: here, a bucket name that another account has.
= sandbox.json
  {"accounts": {"444455556666": {"global": {"buckets": {"genai-audit-logs-111122223333-us-east-1":
  {"Name": "genai-audit-logs-111122223333-us-east-1", "Region": "us-east-1", "_versions": [], "_tags": {}}}}}}}
= small.toml
  format = 1
  [scope]
  name = "genai-audit"
  account = "111122223333"
  home_region = "us-east-1"
  [notifications]
  emails = ["secops@example.com"]
  [detections]
  packs = []

$ auditscope plan small.toml --sandbox --quiet
$ auditscope apply small.toml --sandbox --quiet --auto-approve
$ auditscope sandbox show --file sandbox.json
