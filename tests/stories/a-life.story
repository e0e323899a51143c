# A blueprint is written, applied, damaged, repaired, released and taken back.
$ auditscope init --from minimal
$ auditscope validate minimal.toml
$ auditscope plan minimal.toml --sandbox --detailed-exitcode --quiet
$ auditscope apply minimal.toml --sandbox --quiet
$ auditscope apply minimal.toml --sandbox --auto-approve --quiet
$ auditscope plan minimal.toml --sandbox --detailed-exitcode
$ auditscope sandbox tamper stop-logging --file sandbox.json
$ auditscope sandbox tamper narrow-selectors --file sandbox.json
$ auditscope drift minimal.toml --sandbox
$ auditscope apply minimal.toml --sandbox --auto-approve --quiet
$ auditscope drift minimal.toml --sandbox
$ auditscope destroy minimal.toml --sandbox --auto-approve --quiet
$ auditscope destroy minimal.toml --sandbox --auto-approve --quiet
$ auditscope apply minimal.toml --sandbox --auto-approve --quiet
$ auditscope plan minimal.toml --sandbox --detailed-exitcode
