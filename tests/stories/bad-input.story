# Every problem at once, each with file, line, caret, code and what to write instead; nothing is read from AWS.
= bad.toml
  format = 1
  [scope]
  name = "Genai_Audit"
  account = "1111222233"
  home_region = "us-east-1"
  retention_days = 500
  colour = "red"
  [log_bucket]
  expire_after_days = 30
  [trail]
  log_group = { retention_days = 100 }
  management_events = "write"
  [[alarm]]
  id = "x"
  metric = { namespace = "AWS/Bedrock", name = "Invocations" }
  threshold = 1
  period = "45s"

$ auditscope plan bad.toml --sandbox
$ auditscope apply nothing-here.toml --sandbox
$ auditscope apply
$ auditscope sandbox tamper no-such-thing --file sandbox.json

# An approval of something that the plan does not do was meant for another plan: nothing is written.
= small.toml
  format = 1
  [scope]
  name = "genai-audit"
  account = "111122223333"
  home_region = "us-east-1"
  [detections]
  packs = []

$ auditscope apply small.toml --sandbox --auto-approve --allow weaken:trail.main
$ auditscope plan small.toml --sandbox --allow weaken:s3_bucket.nowhere --allow coverage:trail.main
