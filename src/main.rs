//! The `auditscope` binary.

fn main() {}
