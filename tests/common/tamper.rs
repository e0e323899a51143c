//! Damage to an account that a test drives.

use crate::common::Account;
use auditscope::sandbox::tamper::{Place, Tampering};

/// Changes something behind the tool's back; false if there is nothing there to change.
pub fn tamper(account: &Account, tampering: &Tampering) -> bool {
    let scope = &account.run.blueprint().scope;
    let place = Place {
        account: scope.account.clone(),
        scope_name: scope.name.clone(),
        home_region: scope.home_region.clone(),
        bedrock_regions: scope.bedrock_regions.iter().cloned().collect(),
        now_millis: account.sandbox.now().as_millisecond(),
    };
    account.sandbox.with_state(|state| (tampering.apply)(state, &place))
}
