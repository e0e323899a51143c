//! An AWS that misbehaves, at every call: faults, deaths, lags, small pages, published rates, and two runs at once.
//!
//! The full product takes minutes; without `AUDITSCOPE_TEST_FULL=1` a sample of it is run, the same one each time.

mod bench;
mod each_call;
mod for_ever;
mod killed;
mod two_at_once;
mod weather;
