//! Writes log groups.

use super::{Call, LogGroup};
use crate::aws::{ApiError, Cx};
use crate::kinds::{Revealed, Target};
use crate::model::{Input, tags};

/// Sends one call.
///
/// # Errors
/// What AWS answered.
pub async fn perform(cx: &Cx, call: Call, target: &Target<'_, LogGroup>) -> Result<Revealed, ApiError> {
    let scope = &target.address.scope;
    let client = cx.logs(scope);
    let want = target.desired;
    let name = want.name.as_str();
    let key = want.kms_key.as_ref().map(Input::text);
    match call {
        Call::CreateLogGroup => {
            let send = client
                .create_log_group()
                .log_group_name(name)
                .set_kms_key_id(key.map(ToOwned::to_owned))
                .set_tags(Some(want.tags.clone().into_iter().collect()))
                .send();
            cx.send("logs:CreateLogGroup", scope, send).await?;
        }
        Call::SetKmsKey => match key {
            Some(key) => {
                let send = client.associate_kms_key().log_group_name(name).kms_key_id(key).send();
                cx.send("logs:AssociateKmsKey", scope, send).await?;
            }
            None => {
                let send = client.disassociate_kms_key().log_group_name(name).send();
                cx.send("logs:DisassociateKmsKey", scope, send).await?;
            }
        },
        Call::SetRetention => match want.retention_days {
            Some(days) => {
                let days = i32::try_from(days).expect("retention steps end at 3653");
                let send = client.put_retention_policy().log_group_name(name).retention_in_days(days).send();
                cx.send("logs:PutRetentionPolicy", scope, send).await?;
            }
            None => {
                let send = client.delete_retention_policy().log_group_name(name).send();
                cx.send("logs:DeleteRetentionPolicy", scope, send).await?;
            }
        },
        Call::SetDeletionProtection => protect(cx, target, want.deletion_protection).await?,
        Call::DeleteSubscriptionFilter => {
            let there = target.observed.map(|state| state.subscription_filters.clone()).unwrap_or_default();
            for filter in there.keys().filter(|filter| !want.subscription_filters.contains_key(*filter)) {
                let send =
                    client.delete_subscription_filter().log_group_name(name).filter_name(filter).send();
                match cx.send("logs:DeleteSubscriptionFilter", scope, send).await {
                    // It went meanwhile.
                    Err(error) if error.is(&["ResourceNotFoundException"]) => {}
                    answer => drop(answer?),
                }
            }
        }
        Call::DeleteDataProtectionPolicy => {
            let send = client.delete_data_protection_policy().log_group_identifier(name).send();
            cx.send("logs:DeleteDataProtectionPolicy", scope, send).await?;
        }
        Call::SetTags => {
            let before = target.observed.map(|state| state.tags.clone()).unwrap_or_default();
            let (set, remove) = tags::changes(&before, &want.tags);
            let arn = target.output("arn");
            if !set.is_empty() {
                let send =
                    client.tag_resource().resource_arn(arn).set_tags(Some(set.into_iter().collect())).send();
                cx.send("logs:TagResource", scope, send).await?;
            }
            if !remove.is_empty() {
                let send = client.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send();
                cx.send("logs:UntagResource", scope, send).await?;
            }
        }
        Call::DeleteLogGroup => {
            // CloudWatch Logs API, DeleteLogGroup: a protected group answers ValidationException.
            if want.deletion_protection {
                protect(cx, target, false).await?;
            }
            let send = client.delete_log_group().log_group_name(name).send();
            cx.send("logs:DeleteLogGroup", scope, send).await?;
        }
    }
    Ok(Vec::new())
}

async fn protect(cx: &Cx, target: &Target<'_, LogGroup>, on: bool) -> Result<(), ApiError> {
    let scope = &target.address.scope;
    let send = cx
        .logs(scope)
        .put_log_group_deletion_protection()
        .log_group_identifier(&target.desired.name)
        .deletion_protection_enabled(on)
        .send();
    cx.send("logs:PutLogGroupDeletionProtection", scope, send).await?;
    Ok(())
}
