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
