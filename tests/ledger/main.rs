//! Lock and ledger on the sandbox account.

mod bench;
mod flow;
mod lock;
